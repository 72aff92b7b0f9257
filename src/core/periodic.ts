import type { House } from '../contract/house.ts'
import type { Service } from '../contract/module.ts'

/** What it does. `signal` aborts when the service stops. */
export type Work = (nowMs: number, signal: AbortSignal) => Promise<unknown>

/** A service that does something once at its start and then every `intervalMs`; never two at a time, and cut short when it stops. */
export function periodic(
  house: Pick<House, 'nowMs' | 'background'>,
  intervalMs: number,
  failedEvent: string,
  work: Work,
): Service {
  const stopping = new AbortController()
  let running: Promise<unknown> | undefined
  let timer: NodeJS.Timeout | undefined
  const run = (): void => {
    if (running) return
    running = work(house.nowMs(), stopping.signal).finally(() => {
      running = undefined
    })
    house.background(failedEvent, running)
  }
  return {
    async start() {
      run()
      timer = setInterval(run, intervalMs)
    },
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await running?.catch(() => undefined)
    },
  }
}
