import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { stopChildren } from '../child.ts'
import { type Conditions, readConditions } from '../conditions.ts'
import type { Goal } from '../goal.ts'
import { apiPage } from './api-page.ts'
import { goalsOf } from './goals.ts'
import { type Plan, type Results, runRounds } from './rounds.ts'
import { startStand } from './stand.ts'

/** Everything that a run found out. */
export interface ApiReport {
  readonly conditions: Conditions
  readonly plan: Plan
  readonly results: Results
  readonly goals: readonly Goal[]
}

const FULL_PLAN: Plan = { rounds: 7, inFlight: [1, 16, 64], warmUpMs: 200, durationMs: 800 }
const QUICK_PLAN: Plan = { ...FULL_PLAN, rounds: 1 }

/** @throws Error when anything fails, a single call included */
async function measure(plan: Plan, note: (line: string) => void): Promise<ApiReport> {
  const conditions = readConditions(['gatehouse', 'fastify', 'undici'])
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  try {
    note('starting the API, the proxy and the gateway')
    const results = await runRounds(await startStand(dir), plan, note)
    return { conditions, plan, results, goals: goalsOf(results) }
  } finally {
    await stopChildren()
    await rm(dir, { recursive: true, force: true })
  }
}

/** Calls of an API through the gateway beside direct ones and a plain proxy. */
export const apiBench: Bench = {
  name: 'api',
  summary: 'calls of a REST API through the gateway, beside the API itself and a plain proxy',
  deadlineMs: 240_000,
  async run(quick, note) {
    const report = await measure(quick ? QUICK_PLAN : FULL_PLAN, note)
    return { report, page: apiPage(report) }
  },
}
