import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startGateway } from './gateway.ts'
import { judgeRun, type Verdict } from './judge-run.ts'
import { REVISIONS } from './requirement-set.ts'
import { CLIENT_RUNS, runClientScenario, type Tested } from './run-client-suite.ts'

/** One revision's scenarios of the official client suite, and what came of them. */
export interface JudgedClientLeg {
  readonly name: string
  readonly verdict: Verdict
}

/** Run the official client suite over our own client alone. */
export function runClientDirect(): Promise<JudgedClientLeg[]> {
  return runEach('client suite over our own client', {})
}

/** Run the official client suite through a gateway of its own, for agents of both eras side by side. */
export async function runClientLegs(): Promise<JudgedClientLeg[]> {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-client-suite-'))
  // Only an admin may add the servers of the suite, whose addresses nobody knows before.
  const gateway = await startGateway(dir, 'admin', {})
  try {
    const eras = (['session', 'stateless'] as const).map((agentEra) =>
      runEach(`client suite, agent of the ${agentEra} era`, { gateway, agentEra }),
    )
    return (await Promise.all(eras)).flat()
  } finally {
    await gateway.child.stop()
    await rm(dir, { recursive: true })
  }
}

async function runEach(name: string, tested: Tested): Promise<JudgedClientLeg[]> {
  const legs: JudgedClientLeg[] = []
  for (const revision of REVISIONS) {
    const results = []
    for (const run of CLIENT_RUNS.filter((each) => each.revision === revision)) results.push(await runClientScenario(run, tested))
    legs.push({ name: `${revision}, ${name}`, verdict: judgeRun({ required: results, unscored: [], report: '' }) })
  }
  return legs
}
