import { performance } from 'node:perf_hooks'
import type { Meter } from '../contract/meter.ts'
import type { ProcessState } from '../contract/process.ts'
import type { Vitals } from '../contract/queue.ts'

const LABELS = ['process']

/** Declare what is measured of the processes, and of the front what only itself can say. */
export function measureProcesses(meter: Meter, processes: () => readonly ProcessState[], nowMs: () => number): void {
  const vital = (name: string, help: string, read: (vitals: Vitals) => number) =>
    meter.gauge(`gatehouse_process_${name}`, help, LABELS, () =>
      processes().flatMap(({ name, vitals }) => (vitals ? { labels: { process: name }, value: read(vitals) } : [])),
    )
  meter.gauge('gatehouse_process_up', '1 while it runs and answers.', LABELS, () =>
    processes().map(({ name, state }) => ({ labels: { process: name }, value: Number(state === 'running') })),
  )
  meter.tally('gatehouse_process_restarts_total', 'How often it was started again since the supervisor started.', LABELS, () =>
    processes().map(({ name, restarts }) => ({ labels: { process: name }, value: restarts })),
  )
  vital('uptime_seconds', 'Since it started.', ({ startedAt }) => Math.max(0, nowMs() - startedAt) / 1_000)
  vital('resident_memory_bytes', 'Memory that the system holds for it.', ({ rssBytes }) => rssBytes)
  vital('heap_bytes', 'JavaScript heap in use.', ({ heapBytes }) => heapBytes)
  vital('event_loop_delay_seconds', '99th percentile of the last seconds.', ({ eventLoopDelayMs }) => eventLoopDelayMs / 1_000)
  vital('cpu_cores', 'Cores that it keeps busy; of the last seconds.', ({ cpu }) => cpu)
  vital('threads', 'Threads, the main one included.', ({ threads }) => threads)
  measureFront(meter)
}

function measureFront(meter: Meter): void {
  const alone = (read: () => number) => () => [{ labels: {}, value: read() }]
  let before = performance.eventLoopUtilization()
  meter.gauge(
    'gatehouse_front_event_loop_utilisation_ratio',
    'Share of its time that the front’s event loop was busy since the last scrape.',
    [],
    alone(() => {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, before)
      before = now
      return utilization
    }),
  )
  meter.tally(
    'gatehouse_front_cpu_seconds_total',
    'CPU time of the front.',
    [],
    alone(() => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1_000_000
    }),
  )
  meter.gauge(
    'gatehouse_front_handles',
    'Sockets, timers, pipes and files that keep the front busy.',
    [],
    alone(() => process.getActiveResourcesInfo().length),
  )
}
