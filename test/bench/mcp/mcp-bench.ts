import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { stopChildren } from '../child.ts'
import { type Conditions, readConditions } from '../conditions.ts'
import type { Goal } from '../goal.ts'
import { type Footprint, measureFootprint, measureSessions, type SessionCost } from './footprint.ts'
import { goalsOf } from './goals.ts'
import { mcpPage } from './mcp-page.ts'
import { type Plan, type Results, runRounds } from './rounds.ts'
import { startStand } from './stand.ts'

/** Everything that a run found out. */
export interface McpReport {
  readonly conditions: Conditions
  readonly plan: Plan
  readonly results: Results
  readonly footprint: Footprint
  readonly sessionCost: SessionCost
  /** With the GET stream open. */
  readonly streamCost: SessionCost
  readonly goals: readonly Goal[]
}

/** Many short rounds rather than few long ones: what else the machine does then hits neighbours alike. About three minutes. */
const FULL_PLAN: Plan = {
  rounds: 7,
  sessions: [1, 16, 100],
  warmUpMs: 150,
  durationMs: 600,
  starts: 5,
  idleSessions: 1_000,
}

/** One short round, to see that everything works. Its figures say little. */
const QUICK_PLAN: Plan = { ...FULL_PLAN, rounds: 1, starts: 1 }

const TAKING_PART = [
  'gatehouse',
  '@modelcontextprotocol/sdk',
  '@modelcontextprotocol/server',
  'mcp-proxy',
  'fastify',
  'undici',
  'better-sqlite3',
]

/** @throws Error when anything fails, a single call included */
async function measure(plan: Plan, note: (line: string) => void): Promise<McpReport> {
  const conditions = readConditions(TAKING_PART)
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  try {
    note('starting upstreams, gateway and peers')
    const stand = await startStand(dir)
    const results = await runRounds(stand, plan, note)
    await stand.gateway.child.stop()
    note(`opening ${plan.idleSessions} sessions`)
    const { tool } = stand.legs.gatehouse
    const sessionCost = await measureSessions(stand.prepared, tool, plan.idleSessions)
    const streamCost = await measureSessions(stand.prepared, tool, plan.idleSessions, true)
    note(`starting the gateway ${plan.starts} times`)
    const footprint = await measureFootprint(stand.prepared, plan.starts)
    const goals = goalsOf(results, footprint, sessionCost, streamCost)
    return { conditions, plan, results, footprint, sessionCost, streamCost, goals }
  } finally {
    await stopChildren()
    await rm(dir, { recursive: true, force: true })
  }
}

/** Calls through the gateway beside direct ones, a naive hop and a proxy. */
export const mcpBench: Bench = {
  name: 'mcp',
  summary: 'calls, sessions and memory of the MCP relay',
  deadlineMs: 420_000,
  async run(quick, note) {
    const report = await measure(quick ? QUICK_PLAN : FULL_PLAN, note)
    return { report, page: mcpPage(report) }
  },
}
