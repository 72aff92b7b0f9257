import type { House } from '../contract/house.ts'
import type { Service } from '../contract/module.ts'

const HOUR_MS = 3_600_000

/** A service that does something once at its start and then every hour; never two at a time, and cut short when it stops. */
export function hourly(
  house: House,
  failedEvent: string,
  work: (nowMs: number, signal: AbortSignal) => Promise<unknown>,
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
      timer = setInterval(run, HOUR_MS)
    },
    async stop() {
      clearInterval(timer)
      stopping.abort()
      await running?.catch(() => undefined)
    },
  }
}
