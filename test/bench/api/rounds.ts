import { median } from '../statistics.ts'
import { type LoadResult, runLoad, type Target } from './run-load.ts'
import { LEGS, type LegName } from './stand.ts'

/** How much is measured. */
export interface Plan {
  readonly rounds: number
  readonly inFlight: readonly number[]
  readonly warmUpMs: number
  readonly durationMs: number
}

/** All results, one per round, in the order of the rounds. */
export type Results = ReadonlyMap<LegName, ReadonlyMap<number, readonly LoadResult[]>>

/** V8 compiles in threads of its own, which are busy with front and worker for eight to ten seconds of this. */
const WARM_UP_MS = 8_000

/** A B C, A B C, …: whatever else the machine does meanwhile hits all legs alike. */
export async function runRounds(
  stand: Readonly<Record<LegName, Target>>,
  plan: Plan,
  note: (line: string) => void,
): Promise<Results> {
  const results = new Map(LEGS.map((leg) => [leg, new Map(plan.inFlight.map((count) => [count, [] as LoadResult[]]))]))
  note('warming up')
  for (const leg of LEGS) await runLoad({ ...stand[leg], inFlight: 16, warmUpMs: 0, durationMs: WARM_UP_MS })
  for (let round = 1; round <= plan.rounds; round += 1) {
    note(`round ${round} of ${plan.rounds}`)
    for (const inFlight of plan.inFlight) {
      for (const leg of LEGS) {
        const { warmUpMs, durationMs } = plan
        results
          .get(leg)
          ?.get(inFlight)
          ?.push(await runLoad({ ...stand[leg], inFlight, warmUpMs, durationMs }))
      }
    }
  }
  return results
}

/** The rounds of one leg. */
export const roundsOf = (results: Results, leg: LegName, inFlight: number): readonly LoadResult[] =>
  results.get(leg)?.get(inFlight) ?? []

/** Median over the rounds of what a leg measured, compared with another leg of the same round. */
export function compared(
  results: Results,
  inFlight: number,
  [leg, other]: readonly [LegName, LegName],
  compare: (own: LoadResult, others: LoadResult) => number,
): number {
  const others = roundsOf(results, other, inFlight)
  return median(roundsOf(results, leg, inFlight).map((own, round) => compare(own, others[round]!)))
}
