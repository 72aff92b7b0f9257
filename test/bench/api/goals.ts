import type { Goal } from '../goal.ts'
import { median } from '../statistics.ts'
import { compared, type Results, roundsOf } from './rounds.ts'

/** The targets that `--check` enforces. */
export function goalsOf(results: Results): Goal[] {
  const added = compared(results, 1, ['tool', 'bare'], (own, bare) => own.p50Ms - bare.p50Ms)
  const rate = median(roundsOf(results, 'tool', 64).map(({ callsPerSecond }) => callsPerSecond))
  const share = compared(results, 64, ['tool', 'proxy'], (own, proxy) => own.callsPerSecond / proxy.callsPerSecond)
  return [
    { what: 'added to the bare API, p50, 1 in flight', value: added, unit: 'ms', bound: 'at most', limit: 1.5 },
    { what: 'calls/s, 64 in flight', value: rate, unit: '/s', bound: 'at least', limit: 3_000 },
    { what: 'calls/s against the plain proxy, 64 in flight', value: share, unit: '×', bound: 'at least', limit: 0.4 },
  ]
}
