import { type Context, createContext, Script } from 'node:vm'

/** Work that was stopped because it took too long. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime'
}

/** Made with the first work, because a context takes half a megabyte. */
let desk: Context | undefined
const script = new Script('work()')

/**
 * Do something that may take for ever, but not for longer than this. Costs about 0.1 ms, because another thread keeps the time.
 *
 * @throws OutOfTime when it was stopped, and whatever `work` throws
 */
export function judgeInTime<T>(work: () => T, limitMs: number): T {
  desk ??= createContext({ work: undefined })
  desk['work'] = work
  try {
    return script.runInContext(desk, { timeout: limitMs }) as T
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException | null)?.code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw thrown
    throw new OutOfTime(`It took longer than ${limitMs} ms.`, { cause: thrown })
  } finally {
    desk['work'] = undefined
  }
}
