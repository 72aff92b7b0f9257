/**
 * The official client suite over our own client, and through a whole gateway for agents of both eras. Prints what fails; exits 0 only when
 * nothing does. `--direct` leaves the gateway out. Arguments name scenarios; without any, all.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startGateway } from './gateway.ts'
import { CLIENT_RUNS, runClientScenario, type Tested } from './run-client-suite.ts'

const { values, positionals } = parseArgs({ options: { direct: { type: 'boolean', default: false } }, allowPositionals: true })
const runs = CLIENT_RUNS.filter(({ scenario }) => positionals.length === 0 || positionals.includes(scenario))

async function runAll(name: string, tested: Tested): Promise<void> {
  for (const run of runs) {
    const { passed, complaints } = await runClientScenario(run, tested)
    process.stdout.write(`${name}, ${run.revision}, ${run.scenario}: ${passed} passed, ${complaints.length} failed\n`)
    for (const complaint of complaints) process.stdout.write(`  ${complaint}\n`)
    if (complaints.length > 0) process.exitCode = 1
  }
}

if (values.direct) await runAll('our client', {})
else {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-client-suite-'))
  const { child, url, token } = await startGateway(dir, 'admin', {})
  try {
    await runAll('session agent', { gateway: { url, token }, agentEra: 'session' })
    await runAll('stateless agent', { gateway: { url, token }, agentEra: 'stateless' })
  } finally {
    await child.stop()
    await rm(dir, { recursive: true })
  }
}
