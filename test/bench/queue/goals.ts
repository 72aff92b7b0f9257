import type { Goal } from '../goal.ts'
import { median } from '../statistics.ts'
import type { ContestantName } from './contestant.ts'
import type { LegResult, LoadName } from './leg.ts'
import type { LoadFigures } from './measures.ts'

type Results = Readonly<Record<ContestantName, readonly LegResult[]>>

/** The targets that `--check` enforces. One that needs a peer which is not here is left out. */
export function goalsOf(results: Results): Goal[] {
  const { gatehouse } = results
  const drain = (name: ContestantName): number => median(results[name].map(({ drainPerSecond }) => drainPerSecond.warm))
  const unfair = gatehouse.map(({ fairness }) => (fairness ? fairness.queued.p99Ms / fairness.idle.p99Ms : Number.NaN))
  const against = (['plainjob', 'bullmq'] as const).filter((name) => results[name].length > 0)
  return [
    {
      what: 'jobs/s at 64 in flight',
      value: loadOf(gatehouse, 'many', 'jobsPerSecond'),
      unit: '/s',
      bound: 'at least',
      limit: 25_000,
    },
    ...against.map((name): Goal => {
      const limit = name === 'plainjob' ? 5 : 4
      return { what: `draining, against ${name}`, value: drain('gatehouse') / drain(name), unit: '×', bound: 'at least', limit }
    }),
    { what: 'p50 at 1 in flight', value: loadOf(gatehouse, 'one', 'p50Ms'), unit: 'ms', bound: 'at most', limit: 0.7 },
    {
      what: 'p99 of one job beside 10 000 of another token, against alone',
      value: median(unfair),
      unit: '×',
      bound: 'at most',
      limit: 3,
    },
  ]
}

/** The median over all rounds. */
export const loadOf = (legs: readonly LegResult[], load: LoadName, field: keyof LoadFigures): number =>
  median(legs.map(({ loads }) => loads[load]?.[field] ?? Number.NaN))
