/**
 * `npm run conformance`: the official MCP suite through the gateway, for both requirement sets and every way of connecting the fixture.
 *
 * Prints a table, and whatever fails with its reasons. Exits 0 only when all required scenarios are green but those of `expected-failures.ts`.
 * `--direct` asks the fixture and our own client instead, without a gateway. Arguments name the upstreams to run, and `client` the client suite;
 * without any, all.
 */
import { parseArgs } from 'node:util'
import { serveHttp } from '../fixture/conformance/serve-http.ts'
import { judgeRun } from './judge-run.ts'
import { LEGS } from './leg.ts'
import { legTable } from './leg-table.ts'
import { REVISIONS } from './requirement-set.ts'
import { runClientDirect, runClientLegs } from './run-client-legs.ts'
import { type JudgedLeg, runLegs } from './run-legs.ts'
import { runServerSuite } from './run-suite.ts'
import { startStand } from './stand.ts'

const { values, positionals } = parseArgs({ options: { direct: { type: 'boolean', default: false } }, allowPositionals: true })

const rows = values.direct
  ? [...(await runDirect()), ...(await runClientDirect())]
  : (await Promise.all([runServerLegs(), wants('client') ? runClientLegs() : []])).flat()
process.stdout.write(legTable(rows))
if (rows.some(({ verdict }) => verdict.surprises.length > 0)) process.exitCode = 1

function wants(leg: string): boolean {
  return positionals.length === 0 || positionals.includes(leg)
}

async function runServerLegs() {
  return (await runThroughGateway()).map(({ leg, verdict }) => ({ name: nameOf(leg), verdict }))
}

async function runThroughGateway(): Promise<JudgedLeg[]> {
  const legs = LEGS.filter(({ upstream }) => wants(upstream.alias))
  if (legs.length === 0) return []
  const stand = await startStand([...new Set(legs.map(({ upstream }) => upstream))])
  try {
    return await runLegs(stand, legs)
  } finally {
    await stand.stop()
  }
}

async function runDirect() {
  const fixture = await serveHttp('both')
  try {
    const runs = REVISIONS.map(async (revision) => ({
      name: `${revision}, the fixture itself`,
      verdict: judgeRun(await runServerSuite(fixture.url, revision)),
    }))
    return await Promise.all(runs)
  } finally {
    fixture.close()
  }
}

function nameOf({ upstream: { era, transport }, revision }: (typeof LEGS)[number]): string {
  return `${revision}, upstream of the ${era} era over ${transport}`
}
