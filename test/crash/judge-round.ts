import type { Accepted } from './submit-load.ts'

/** A job as the lane knows it at the end of a round. */
export interface SeenJob {
  readonly id: number
  readonly state: string
  readonly attempt: number
}

/** Everything that is known when a round is over. */
export interface RoundFacts {
  readonly accepted: readonly Accepted[]
  readonly jobs: ReadonlyMap<number, SeenJob>
  /** Outcome of each run that is on record, by the id of its job. */
  readonly outcomes: ReadonlyMap<number, string>
  /** How often each key's side effect happened. */
  readonly counts: ReadonlyMap<string, number>
}

const FINAL = ['done', 'dead', 'cancelled']

/** Every way in which a round broke what the queue promises; empty where it kept it all. */
export function judgeRound({ accepted, jobs, outcomes, counts }: RoundFacts): readonly string[] {
  const ids = new Set(accepted.map(({ jobId }) => jobId))
  const broken = ids.size === accepted.length ? [] : ['Two keys were given one job.']
  return [...broken, ...accepted.flatMap((each) => judgeJob(each, jobs.get(each.jobId), outcomes, counts))]
}

function judgeJob(
  { key, functionName, jobId }: Accepted,
  job: SeenJob | undefined,
  outcomes: RoundFacts['outcomes'],
  counts: RoundFacts['counts'],
): string[] {
  const what = `Job ${jobId} (${functionName}, ${key})`
  if (job === undefined) return [`${what} was accepted and is lost.`]
  if (!FINAL.includes(job.state)) return [`${what} is still ${job.state}.`]
  const broken: string[] = []
  const outcome = outcomes.get(jobId)
  const runs = counts.get(key) ?? 0
  if (outcome === undefined || outcome === 'waiting')
    broken.push(`${what} is ${job.state}, but its run is ${outcome ?? 'not on record'}.`)
  if (outcome === 'ok' && runs === 0) broken.push(`${what} has a result without having run.`)
  if (runs > Math.max(1, job.attempt)) broken.push(`${what} ran ${runs} times in ${job.attempt} attempts.`)
  if (functionName === 'again' && job.state !== 'done')
    broken.push(`${what} is ${job.state}; it may be run again, so it has to be done.`)
  if (functionName === 'once' && runs > 1) broken.push(`${what} ran ${runs} times; it may run once.`)
  return broken
}

/** What ran again after it was over. */
export const ranAgain = (before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>): readonly string[] =>
  [...before].flatMap(([key, runs]) => {
    const now = after.get(key) ?? 0
    return now === runs ? [] : [`The job of ${key} was over after ${runs} runs, and there are ${now} now.`]
  })
