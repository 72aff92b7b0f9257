import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Vitals } from '../contract/queue.ts'

/** How this process fares, measured all the time, so that several readers do not take each other's windows. It runs in one thread. */
export interface VitalSigns {
  /** Of the last whole window of two seconds. */
  read(): Vitals
  stop(): void
}

const WINDOW_MS = 2_000
/** How often the event loop is asked for its delay; rare enough to cost nothing, often enough to see a stall of one window. */
const ASK_EVERY_MS = 20

/** Begin to measure. */
export function watchVitalSigns(nowMs: () => number): VitalSigns {
  const startedAt = Math.round(nowMs() - process.uptime() * 1_000)
  const delay = monitorEventLoopDelay({ resolution: ASK_EVERY_MS })
  delay.enable()
  let before = { cpu: process.cpuUsage(), atMs: performance.now() }
  let window = { eventLoopDelayMs: 0, cpu: 0 }
  const timer = setInterval(() => {
    const now = { cpu: process.cpuUsage(), atMs: performance.now() }
    window = { eventLoopDelayMs: delayOf(delay.percentile(99)), cpu: coreShare(before, now) }
    delay.reset()
    before = now
  }, WINDOW_MS)
  timer.unref()
  return {
    read: () => ({ startedAt, ...memory(), ...window, threads: 1 }),
    stop() {
      clearInterval(timer)
      delay.disable()
    },
  }
}

/** The histogram counts from one asking to the next, so its own interval is in every value. */
const delayOf = (nanoseconds: number): number =>
  Number.isFinite(nanoseconds) ? Math.max(0, Math.round(nanoseconds / 1e4) / 100 - ASK_EVERY_MS) : 0

interface CpuLook {
  readonly cpu: NodeJS.CpuUsage
  readonly atMs: number
}

const coreShare = (before: CpuLook, now: CpuLook): number =>
  (now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system) / 1_000 / Math.max(1, now.atMs - before.atMs)

function memory(): { readonly rssBytes: number; readonly heapBytes: number } {
  const { rss, heapUsed } = process.memoryUsage()
  return { rssBytes: rss, heapBytes: heapUsed }
}
