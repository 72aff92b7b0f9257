import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench, Report } from '../bench.ts'
import { runToEnd, stopChildren } from '../child.ts'
import { type Conditions, readConditions } from '../conditions.ts'
import { CONTESTANTS, type ContestantName } from './contestant.ts'
import { goalsOf } from './goals.ts'
import type { LegPlan, LegResult } from './leg.ts'
import { queuePage } from './queue-page.ts'
import { startRedis } from './redis.ts'

/** Everything that a run found out. */
export interface QueueReport extends Report {
  readonly conditions: Conditions
  readonly plan: Plan
  /** By contestant, one result for each round; none for one that could not take part. */
  readonly results: Readonly<Record<ContestantName, readonly LegResult[]>>
}

interface Plan extends LegPlan {
  readonly rounds: number
}

const FULL_PLAN: Plan = {
  rounds: 3,
  jobs: { gatehouse: 280_000, plainjob: 38_000, bullmq: 38_000 },
  drain: { coldMs: 1_200, warmMs: 1_500 },
  warmUpMs: 1_000,
  durationMs: 2_000,
  fairness: { turns: 5, samples: 200 },
}
const QUICK_PLAN: Plan = {
  rounds: 1,
  jobs: { gatehouse: 50_000, plainjob: 10_000, bullmq: 8_000 },
  drain: { coldMs: 200, warmMs: 300 },
  warmUpMs: 200,
  durationMs: 400,
  fairness: { turns: 1, samples: 100 },
}

const LEG = fileURLToPath(new URL('process/leg.ts', import.meta.url))
const LEG_TIMEOUT_MS = 90_000

/** @throws Error when anything fails, a single job included */
async function measure(plan: Plan, note: (line: string) => void): Promise<QueueReport> {
  const conditions = readConditions(['gatehouse', 'plainjob', 'bullmq', 'better-sqlite3', 'piscina'])
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  try {
    const redis = await startRedis(dir)
    if (redis === undefined) note('redis-server or ioredis is not here: BullMQ is left out')
    const results: Record<ContestantName, LegResult[]> = { gatehouse: [], plainjob: [], bullmq: [] }
    for (let round = 1; round <= plan.rounds; round++) {
      for (const name of CONTESTANTS) {
        if (name === 'bullmq' && redis === undefined) continue
        note(`round ${round} of ${plan.rounds}: ${name}`)
        const folder = join(dir, `${name}-${round}`)
        await mkdir(folder)
        const printed = await runToEnd([LEG, name, folder, String(redis), JSON.stringify(plan)], LEG_TIMEOUT_MS)
        results[name].push(JSON.parse(printed) as LegResult)
        await rm(folder, { recursive: true })
      }
    }
    return { conditions, plan, results, goals: goalsOf(results) }
  } finally {
    await stopChildren()
    await rm(dir, { recursive: true, force: true })
  }
}

/** Lanes beside two queues that many use. */
export const queueBench: Bench = {
  name: 'queue',
  summary: 'jobs through lane, worker and back, beside plainjob and BullMQ',
  deadlineMs: 400_000,
  async run(quick, note) {
    const report = await measure(quick ? QUICK_PLAN : FULL_PLAN, note)
    return { report, page: queuePage(report) }
  },
}
