import type { Contestant, ContestantName } from './contestant.ts'
import type { DrainRates, DrainSpans } from './drain-meter.ts'
import { closedLoop, enqueue, type Fairness, type FairnessPlan, fairness, type LoadFigures, openLoop } from './measures.ts'

/** What one contestant did in one round. Loads that it cannot be put under are missing. */
export interface LegResult {
  readonly enqueuePerSecond: number
  readonly drainPerSecond: DrainRates
  /** By name, see {@link LOADS}. */
  readonly loads: Readonly<Partial<Record<LoadName, LoadFigures>>>
  readonly fairness: Fairness | null
}

/** What is put on a queue whose jobs somebody waits for. */
export const LOADS = {
  one: '1 in flight',
  many: '64 in flight',
  most: '512 in flight',
  open: '500/s, open loop',
  tokens100: '64 in flight, 100 tokens',
  tokens1000: '64 in flight, 1 000 tokens',
} as const

export type LoadName = keyof typeof LOADS

/** How much of everything. */
export interface LegPlan {
  /** Waiting when the worker starts; each worth more than the time that a drain is looked at. */
  readonly jobs: Readonly<Record<ContestantName, number>>
  readonly drain: DrainSpans
  readonly warmUpMs: number
  readonly durationMs: number
  readonly fairness: FairnessPlan
}

/** Measure one contestant: first with a backlog, then with callers who wait. */
export async function measureLeg(name: ContestantName, contestant: Contestant, plan: LegPlan): Promise<LegResult> {
  const jobs = plan.jobs[name]
  const enqueuePerSecond = await enqueue(contestant, jobs)
  const drainPerSecond = await contestant.drain(jobs, plan.drain)
  const { run } = contestant
  if (run === undefined) return { enqueuePerSecond, drainPerSecond, loads: {}, fairness: null }
  const { durationMs } = plan
  await closedLoop(run, 64, plan.warmUpMs)
  const loads: Partial<Record<LoadName, LoadFigures>> = {
    one: await closedLoop(run, 1, durationMs),
    many: await closedLoop(run, 64, durationMs),
    most: await closedLoop(run, 512, durationMs),
    open: await openLoop(run, 500, durationMs),
  }
  if (name !== 'gatehouse') return { enqueuePerSecond, drainPerSecond, loads, fairness: null }
  loads.tokens100 = await closedLoop(run, 64, durationMs, 100)
  loads.tokens1000 = await closedLoop(run, 64, durationMs, 1_000)
  return { enqueuePerSecond, drainPerSecond, loads, fairness: await fairness(contestant, run, plan.fairness) }
}
