import { median } from '../statistics.ts'
import { type LoadResult, runLoad } from './run-load.ts'
import type { LegName, Stand } from './stand.ts'

/** How much is measured. */
export interface Plan {
  readonly rounds: number
  readonly sessions: readonly number[]
  readonly warmUpMs: number
  readonly durationMs: number
  /** Starts of the gateway for start-up time and idle memory. */
  readonly starts: number
  /** Idle sessions to divide the memory by. */
  readonly idleSessions: number
}

/** All results, one per round, in the order of the rounds. */
export type Results = ReadonlyMap<LegName, ReadonlyMap<number, readonly LoadResult[]>>

/** V8 compiles in threads of its own, which are busy for ten seconds and more where there is much code: four legs pass through the gateway. */
const WARM_UP_MS = 4_000

/** Legs that are compared with each other, and therefore follow each other directly. */
const GROUPS: readonly (readonly LegName[])[] = [
  ['direct', 'gatehouse', 'naive'],
  ['gatehouseStdio', 'proxy', 'proxyBare'],
  ['statelessDirect', 'statelessChecked', 'statelessGatehouse', 'statelessStdio'],
]

/**
 * A B C, A B C, …: whatever else the machine does meanwhile hits all legs alike.
 *
 * Every process is warmed up before the first round.
 */
export async function runRounds(stand: Stand, plan: Plan, note: (line: string) => void): Promise<Results> {
  const results = new Map(GROUPS.flat().map((leg) => [leg, new Map(plan.sessions.map((count) => [count, [] as LoadResult[]]))]))
  note('warming up')
  for (const leg of GROUPS.flat()) await runLoad({ target: stand.legs[leg], sessions: 16, warmUpMs: 0, durationMs: WARM_UP_MS })
  for (let round = 1; round <= plan.rounds; round++) {
    note(`round ${round} of ${plan.rounds}`)
    for (const legs of GROUPS) {
      for (const sessions of plan.sessions) {
        for (const leg of legs) {
          const target = stand.legs[leg]
          const result = await runLoad({ target, sessions, warmUpMs: plan.warmUpMs, durationMs: plan.durationMs })
          results.get(leg)?.get(sessions)?.push(result)
        }
      }
    }
  }
  return results
}

/** The rounds of one leg. */
export function roundsOf(results: Results, leg: LegName, sessions: number): readonly LoadResult[] {
  return results.get(leg)?.get(sessions) ?? []
}

/** Median over the rounds of the quotient within each round. */
export function ratio(
  results: Results,
  field: 'callsPerSecond' | 'p50Ms',
  leg: LegName,
  against: LegName,
  sessions: number,
): number {
  const others = roundsOf(results, against, sessions)
  return median(roundsOf(results, leg, sessions).map((result, round) => result[field] / (others[round]?.[field] ?? Number.NaN)))
}
