import type { DrainRates, DrainSpans } from './drain-meter.ts'

/** One queue under load, seen from the process that adds jobs. */
export interface Contestant {
  /** Add a no-op job. Resolves when it is safe. */
  add(token: number): Promise<void>
  /** Add one and wait for its result; undefined where there is no such thing. */
  readonly run: ((token: number) => Promise<void>) | undefined
  /** Have the worker process start on so many jobs that wait. Resolves when all of them are done. */
  drain(jobs: number, spans: DrainSpans): Promise<DrainRates>
  /** Jobs that wait for a worker; only where fairness is measured. */
  waiting?(): number
  stop(): Promise<void>
}

/** What a job carries: about 170 bytes, as in a call of a small tool. */
export const PAYLOAD = { tool: 'echo', args: { text: 'x'.repeat(130) } } as const

export const CONTESTANTS = ['gatehouse', 'plainjob', 'bullmq'] as const

export type ContestantName = (typeof CONTESTANTS)[number]
