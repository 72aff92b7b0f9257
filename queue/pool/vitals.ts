import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Vitals } from '../../src/contract/queue.ts'

const NS_PER_MS = 1e6

/** Watches how this process fares. Each reading speaks of the time since the one before. */
export class VitalSigns {
  readonly #startedAt = Math.round(Date.now() - process.uptime() * 1_000)
  readonly #delay = monitorEventLoopDelay({ resolution: 20 })
  #cpu = process.cpuUsage()
  #readAt = performance.now()

  constructor() {
    this.#delay.enable()
  }

  /** @param threads of its pools */
  read(threads: number): Vitals {
    const now = performance.now()
    const { user, system } = process.cpuUsage(this.#cpu)
    const cpu = (user + system) / 1_000 / Math.max(1, now - this.#readAt)
    const delay = this.#delay.percentile(99) / NS_PER_MS
    this.#cpu = process.cpuUsage()
    this.#readAt = now
    this.#delay.reset()
    const { rss, heapUsed } = process.memoryUsage()
    return {
      startedAt: this.#startedAt,
      rssBytes: rss,
      heapBytes: heapUsed,
      // The histogram counts its own 20 ms; what came on top of them is the delay.
      eventLoopDelayMs: Number.isFinite(delay) ? Math.max(0, delay - 20) : 0,
      cpu,
      threads: threads + 1,
    }
  }

  close(): void {
    this.#delay.disable()
  }
}
