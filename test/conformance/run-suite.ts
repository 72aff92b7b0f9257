import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Revision } from './requirement-set.ts'
import { readSuiteResults, type ScenarioResult } from './suite-results.ts'

/** How a run of the official suite ended. */
export interface SuiteRun {
  /** Scenarios that decide. */
  readonly required: readonly ScenarioResult[]
  /** Scenarios that are run and reported, but never scored: extensions, and what came after the release. */
  readonly unscored: readonly ScenarioResult[]
  /** What it printed. */
  readonly report: string
}

const SUITE = fileURLToPath(new URL('../../node_modules/.bin/conformance', import.meta.url))

/** Run the official suite against a server: what one revision requires. @throws Error when it ran nothing */
export async function runServerSuite(url: string, revision: Revision): Promise<SuiteRun> {
  return runSuite(['server', '--url', url, '--requirements', revision])
}

/** Run the official suite with arguments of its own. @throws Error when it ran nothing */
export async function runSuite(args: readonly string[], env: NodeJS.ProcessEnv = process.env): Promise<SuiteRun> {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-suite-'))
  try {
    const report = await printed([...args, '--output-dir', dir], env)
    const results = await readSuiteResults(dir)
    if (results.length === 0) throw new Error(`The suite ran nothing:\n${report.slice(-2_000)}`)
    const unscored = unscoredIn(report)
    return {
      required: results.filter(({ scenario }) => !unscored.has(scenario)),
      unscored: results.filter(({ scenario }) => unscored.has(scenario)),
      report,
    }
  } finally {
    await rm(dir, { recursive: true })
  }
}

async function printed(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, [SUITE, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  await once(child, 'close')
  return text
}

/** Names under the heading `Not scored for …`. */
function unscoredIn(report: string): ReadonlySet<string> {
  const [, list = ''] = report.split(/^Not scored for .*$/m)
  return new Set([...list.matchAll(/^\s+[✓✗] (\S+) \(/gm)].map(([, scenario]) => scenario!))
}
