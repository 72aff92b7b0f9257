import { judgeRun, type Verdict } from './judge-run.ts'
import { CONNECTED, LEGS, type Leg } from './leg.ts'
import { runServerSuite } from './run-suite.ts'
import type { Stand } from './stand.ts'

/** A leg and what came of it. */
export interface JudgedLeg {
  readonly leg: Leg
  readonly verdict: Verdict
}

/** Run legs: those of one upstream one after the other, because they change what it lists, and the upstreams side by side. */
export async function runLegs(stand: Stand, legs: readonly Leg[] = LEGS): Promise<JudgedLeg[]> {
  const byUpstream = CONNECTED.map(({ alias }) => legs.filter(({ upstream }) => upstream.alias === alias))
  const judged = await Promise.all(byUpstream.map((own) => runInTurn(stand, own)))
  return judged.flat()
}

async function runInTurn(stand: Stand, legs: readonly Leg[]): Promise<JudgedLeg[]> {
  const judged: JudgedLeg[] = []
  for (const leg of legs) {
    judged.push({ leg, verdict: judgeRun(await runServerSuite(stand.url(leg.upstream.alias), leg.revision), leg) })
  }
  return judged
}
