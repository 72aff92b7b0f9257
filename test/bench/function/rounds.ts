import { percentile } from '../statistics.ts'
import type { Leg } from './leg.ts'
import { OUTPUT } from './workload.ts'

/** Milliseconds of one leg, over all rounds. */
export interface Timing {
  readonly name: string
  readonly runs: number
  /** Of as many runs as one round has, the very first ones. */
  readonly coldP50Ms: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly meanMs: number
}

/** Every leg in every round, one run at a time, in another order each round. @throws Error for a wrong answer */
export async function timeLegs(
  legs: readonly Leg[],
  { rounds, warmUpShare }: { readonly rounds: number; readonly warmUpShare: number },
  note: (line: string) => void,
): Promise<Timing[]> {
  const times = new Map<Leg, number[]>(legs.map((leg) => [leg, []]))
  const cold = new Map<Leg, number[]>()
  for (const leg of legs) {
    note(`warming up: ${leg.name}`)
    cold.set(leg, await timeLeg(leg, leg.runs))
    await timeLeg(leg, Math.ceil(leg.warmUpRuns * warmUpShare))
  }
  for (let round = 0; round < rounds; round += 1) {
    note(`round ${round + 1} of ${rounds}`)
    const order = legs.map((_, index) => legs[(index + round) % legs.length]!)
    for (const leg of order) times.get(leg)!.push(...(await timeLeg(leg, leg.runs)))
  }
  return legs.map((leg) => timing(leg.name, cold.get(leg)!, times.get(leg)!))
}

async function timeLeg(leg: Leg, runs: number): Promise<number[]> {
  const times: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const startedAt = performance.now()
    const answer = await leg.run()
    times.push(performance.now() - startedAt)
    if (answer !== OUTPUT) throw new Error(`${leg.name} answered ${answer.slice(0, 300)}`)
  }
  return times
}

function timing(name: string, cold: readonly number[], times: readonly number[]): Timing {
  const sorted = times.toSorted((a, b) => a - b)
  const coldP50Ms = percentile(
    cold.toSorted((a, b) => a - b),
    0.5,
  )
  const meanMs = times.reduce((a, b) => a + b, 0) / times.length
  return { name, runs: times.length, coldP50Ms, p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99), meanMs }
}
