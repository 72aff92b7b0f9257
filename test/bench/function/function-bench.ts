import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Bench } from '../bench.ts'
import { runToEnd, stopChildren } from '../child.ts'
import { type Conditions, readConditions } from '../conditions.ts'
import type { Goal } from '../goal.ts'
import { functionPage } from './function-page.ts'
import { gatewayLeg } from './gateway-leg.ts'
import { goalsOf } from './goals.ts'
import type { Leg } from './leg.ts'
import { measureOvershoot, type Overshoot } from './overshoot.ts'
import { isolateLeg, processLeg, threadLeg } from './peer-legs.ts'
import { type Timing, timeLegs } from './rounds.ts'
import { sandboxLeg } from './sandbox-leg.ts'

/** How much is measured. */
interface Plan {
  readonly rounds: number
  /** Of the runs that each leg has before the first round. */
  readonly warmUpShare: number
  /** Of each endless loop, and of each memory bomb. */
  readonly attacks: number
}

/** Everything that a run found out. */
export interface FunctionReport {
  readonly conditions: Conditions
  readonly plan: Plan
  readonly timings: readonly Timing[]
  readonly overshoots: readonly Overshoot[]
  readonly memory: { readonly beforeMb: number; readonly mostMb: number; readonly limitMb: number }
  /** What did not take part, and why. */
  readonly skipped: readonly string[]
  readonly goals: readonly Goal[]
}

const FULL_PLAN: Plan = { rounds: 7, warmUpShare: 1, attacks: 15 }
const QUICK_PLAN: Plan = { rounds: 1, warmUpShare: 0.01, attacks: 3 }
const MEMORY = fileURLToPath(new URL('process/memory.ts', import.meta.url))
const NO_ISOLATES =
  'isolated-vm (GATEHOUSE_BENCH_PEERS names no folder that has it; asset/docs/performance.md says how to make one)'

/** @throws Error when anything fails, a wrong answer included */
async function measure(plan: Plan, note: (line: string) => void): Promise<FunctionReport> {
  const conditions = readConditions(['gatehouse', 'quickjs-wasi', 'piscina', 'fastify'])
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'))
  try {
    note('starting the gateway')
    const isolate = isolateLeg()
    const legs: Leg[] = [await sandboxLeg(), await gatewayLeg(dir), ...(isolate ? [isolate] : []), threadLeg, processLeg]
    const timings = await timeLegs(legs, plan, note)
    for (const leg of legs) await leg.close()
    note('stopping what never ends')
    const overshoots = await measureOvershoot(plan.attacks)
    note('letting bombs go off')
    const memory = JSON.parse(await runToEnd([MEMORY, String(plan.attacks)], 60_000))
    const found = { conditions, plan, timings, overshoots, memory, skipped: isolate ? [] : [NO_ISOLATES] }
    return { ...found, goals: goalsOf(found) }
  } finally {
    await stopChildren()
    await rm(dir, { recursive: true, force: true })
  }
}

/** The sandbox alone and through everything, beside other ways to run somebody's code. */
export const functionBench: Bench = {
  name: 'function',
  summary: 'functions in their sandbox, alone and end to end',
  deadlineMs: 240_000,
  async run(quick, note) {
    const report = await measure(quick ? QUICK_PLAN : FULL_PLAN, note)
    return { report, page: functionPage(report) }
  },
}
