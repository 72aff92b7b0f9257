import type { TaskContext } from '../../queue/lane.ts'
import type { Host } from './backend.ts'
import type { LogBook } from './log-book.ts'

/** What a run may ask for, for as long as it may. */
export interface RunHost extends Host {
  /** The run is over: nothing of it is waited for any more. */
  close(): void
}

/**
 * Its signal is made when somebody asks for it: a function that waits for nothing is stopped by the engine, and the rest would cost it a tenth.
 *
 * @param timeoutMs from now on; the attempt's own deadline holds too
 */
export function openRunHost(context: TaskContext, timeoutMs: number, logs: LogBook): RunHost {
  const deadline = Math.min(context.deadline, Date.now() + timeoutMs)
  let signal: AbortSignal | undefined
  let timer: NodeJS.Timeout | undefined
  const openSignal = (): AbortSignal => {
    const late = new AbortController()
    timer = setTimeout(() => late.abort(), Math.max(0, deadline - Date.now()))
    return AbortSignal.any([context.signal, late.signal])
  }
  return {
    get signal() {
      signal ??= openSignal()
      return signal
    },
    deadline,
    log: (level, text) => logs.write(level, text),
    callTool: async (name, args) =>
      JSON.stringify((await context.ask('tool', { name, arguments: JSON.parse(args) as unknown })) ?? null),
    close: () => clearTimeout(timer),
  }
}
