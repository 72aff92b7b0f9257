import { fileURLToPath } from 'node:url'
import { SCENARIOS } from './client-scenarios.ts'
import { REVISIONS, type Revision } from './requirement-set.ts'
import { runSuite } from './run-suite.ts'
import type { ScenarioResult } from './suite-results.ts'

/** One scenario of the official client suite, as one revision has it. */
export interface ClientRun {
  readonly scenario: string
  readonly revision: Revision
}

/** What is tested: our client alone, or an agent of an era behind a whole gateway. */
export interface Tested {
  readonly gateway?: { readonly url: string; readonly token: string }
  readonly agentEra?: 'session' | 'stateless'
}

const DRIVE = fileURLToPath(new URL('client-drive.ts', import.meta.url))
/** Scenarios that begin with a revision, or end before one; all others are in both. */
const ONLY_SESSION = new Set(['initialize', 'elicitation-sep1034-client-defaults', 'sse-retry'])
const IN_BOTH = new Set(['tools_call'])

/** All scenarios but those of authorization. */
export const CLIENT_RUNS: readonly ClientRun[] = REVISIONS.flatMap((revision) =>
  Object.keys(SCENARIOS)
    .filter((scenario) => IN_BOTH.has(scenario) || ONLY_SESSION.has(scenario) === (revision === '2025-11-25'))
    .map((scenario) => ({ scenario, revision })),
)

/** Run one scenario. @throws Error when the suite ran nothing */
export async function runClientScenario({ scenario, revision }: ClientRun, tested: Tested = {}): Promise<ScenarioResult> {
  const env = {
    ...process.env,
    ...(tested.gateway && { GATEHOUSE_URL: tested.gateway.url, GATEHOUSE_TOKEN: tested.gateway.token }),
    ...(tested.agentEra && { AGENT_ERA: tested.agentEra }),
  }
  const command = `${process.execPath} ${DRIVE}`
  const run = await runSuite(['client', '--scenario', scenario, '--spec-version', revision, '--command', command], env)
  return run.required[0]!
}
