import { setTimeout as delay } from 'node:timers/promises'
import { between, createDice, type Dice, pick } from './dice.ts'
import { type CrashGateway, LEASE_MS, openCrashGateway, untilTrue, VICTIMS, type Victim } from './gateway.ts'
import { judgeRound, ranAgain, type SeenJob } from './judge-round.ts'
import { type Accepted, submitLoad } from './submit-load.ts'

/** What one round did. */
export interface RoundReport {
  readonly round: number
  readonly victim: Victim
  /** How many of the round's runs had begun. */
  readonly killedAfterRuns: number
  readonly accepted: number
  /** Jobs by how they ended. */
  readonly states: Readonly<Record<string, number>>
  /** Runs by how they ended: `failed` where the tool that they called was not there, or the worker was lost. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Jobs whose side effect happened more than once; only such as may run again. */
  readonly repeated: number
  /** From the kill until every accepted job was over, in ms. */
  readonly convergedMs: number
  /** What was promised and not kept. */
  readonly broken: readonly string[]
}

interface SuiteOptions {
  readonly rounds: number
  readonly seed: number
  /** Empty; everything of the suite goes there. */
  readonly folder: string
  readonly onRound?: (report: RoundReport) => void
}

const JOBS_PER_ROUND = 60
/** After the last lease has run out, and the retries of what was lost. */
const CONVERGE_MS = LEASE_MS + 20_000
/** Of every round so many keys are submitted once more when all is over. */
const SECOND_THOUGHTS = 5

/** Kill one process of a working gateway, and see that it comes to the right end; again and again on one folder. */
export async function runCrashSuite({ rounds, seed, folder, onRound }: SuiteOptions): Promise<readonly RoundReport[]> {
  const dice = createDice(seed)
  const gateway = await openCrashGateway(folder)
  const reports: RoundReport[] = []
  try {
    for (let round = 1; round <= rounds; round++) {
      const report = await runRound(gateway, round, dice)
      reports.push(report)
      onRound?.(report)
    }
  } finally {
    await gateway.end()
  }
  return reports
}

async function runRound(gateway: CrashGateway, round: number, dice: Dice): Promise<RoundReport> {
  const victim = pick(dice, VICTIMS)
  const killedAfterRuns = between(dice, 0, JOBS_PER_ROUND - 20)
  const before = gateway.counts()
  const load = submitLoad(gateway, round, JOBS_PER_ROUND, dice)
  // A round that fails before it is awaited must not end the process.
  load.catch(() => {})
  const runsBefore = gateway.runs()
  await untilTrue(`${killedAfterRuns} runs`, async () => gateway.runs() - runsBefore >= killedAfterRuns)
  await delay(between(dice, 0, 30))
  await gateway.kill(victim)
  const killedAt = performance.now()
  if (victim === 'supervisor') await gateway.start()
  const accepted = await load
  const stuck = await converge(gateway)
  const convergedMs = performance.now() - killedAt

  const counts = gateway.counts()
  const [jobs, outcomes] = [await jobsOf(gateway, accepted), await outcomesOf(gateway, accepted)]
  const broken = [
    ...stuck,
    ...judgeRound({ accepted, jobs, outcomes, counts }),
    ...(await judgeSecondThoughts(gateway, accepted)),
    ...ranAgain(before, counts),
  ]
  await gateway.stop()
  await gateway.start()
  return {
    round,
    victim,
    killedAfterRuns,
    accepted: accepted.length,
    states: tally(accepted.map(({ jobId }) => jobs.get(jobId)?.state ?? 'lost')),
    outcomes: tally(accepted.map(({ jobId }) => outcomes.get(jobId) ?? 'unknown')),
    repeated: accepted.filter(({ key }) => (counts.get(key) ?? 0) > 1).length,
    convergedMs: Math.round(convergedMs),
    broken,
  }
}

/** Wait until no job is on its way. @returns what is, where it took too long */
async function converge(gateway: CrashGateway): Promise<readonly string[]> {
  const underWay = async (): Promise<number | undefined> => {
    const pages = await Promise.all(
      ['scheduled', 'ready', 'running'].map((state) => gateway.ask(`/queue/lanes/function/jobs?state=${state}&limit=1`)),
    )
    const waiting = await gateway.ask('/function-invocations?outcome=waiting&limit=1')
    if (waiting?.status !== 200 || pages.some((page) => page?.status !== 200)) return undefined
    return pages.reduce((sum, page) => sum + page!.body.jobs.length, waiting.body.invocations.length)
  }
  return untilTrue('every job is over', async () => (await underWay()) === 0, CONVERGE_MS).then(
    () => [],
    (thrown: Error) => [thrown.message],
  )
}

const jobsOf = async (gateway: CrashGateway, accepted: readonly Accepted[]): Promise<ReadonlyMap<number, SeenJob>> =>
  pagesOf<SeenJob>(gateway, '/queue/lanes/function/jobs', 'jobs', oldest(accepted))

async function outcomesOf(gateway: CrashGateway, accepted: readonly Accepted[]): Promise<ReadonlyMap<number, string>> {
  const rows = await pagesOf<{ id: number; outcome: string }>(gateway, '/function-invocations', 'invocations', oldest(accepted))
  return new Map([...rows].map(([id, { outcome }]) => [id, outcome]))
}

const oldest = (accepted: readonly Accepted[]): number => Math.min(...accepted.map(({ jobId }) => jobId))

/** Rows by id, newest first, until one is older than `untilId`. */
async function pagesOf<Row extends { id: number }>(
  gateway: CrashGateway,
  path: string,
  field: string,
  untilId: number,
): Promise<ReadonlyMap<number, Row>> {
  const rows = new Map<number, Row>()
  for (let cursor: string | null = ''; cursor !== null; ) {
    const answer = await gateway.ask(`${path}?limit=200${cursor && `&cursor=${cursor}`}`)
    if (answer?.status !== 200) throw new Error(`${path} gave ${JSON.stringify(answer)}`)
    for (const row of answer.body[field] as Row[]) rows.set(row.id, row)
    cursor = Math.min(...rows.keys()) < untilId ? null : answer.body.nextCursor
  }
  return rows
}

/** The same key again is the same job, also when it is over. */
async function judgeSecondThoughts(gateway: CrashGateway, accepted: readonly Accepted[]): Promise<readonly string[]> {
  const broken: string[] = []
  for (const { key, functionName, jobId } of accepted.slice(0, SECOND_THOUGHTS)) {
    const answer = await gateway.ask(`/functions/${functionName}/jobs`, { key, input: { key, afterMs: 0 } })
    if (answer?.body.jobId !== jobId) broken.push(`The key ${key} was job ${jobId}, and is ${JSON.stringify(answer?.body)} now.`)
  }
  return broken
}

function tally(states: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1
  return counts
}
