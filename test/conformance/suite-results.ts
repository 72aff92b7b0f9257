import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** How a scenario of the suite ended. */
export interface ScenarioResult {
  readonly scenario: string
  readonly passed: number
  /** What failed, and what the suite only warns of, each as `<check>: <reason>`. */
  readonly complaints: readonly string[]
}

const Checks = z.array(
  z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional(), details: z.unknown().optional() }),
)

/** What the suite puts behind a scenario's name where it keeps the results. */
const FOLDER = /^(?:server-)?(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/

/** Read what the suite wrote with `--output-dir`. */
export async function readSuiteResults(dir: string): Promise<ScenarioResult[]> {
  const folders = (await readdir(dir, { recursive: true })).filter((path) => path.endsWith('checks.json'))
  return Promise.all(folders.sort().map((path) => readScenario(dir, path)))
}

async function readScenario(dir: string, path: string): Promise<ScenarioResult> {
  const checks = Checks.parse(JSON.parse(await readFile(join(dir, path), 'utf8')))
  const bad = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
  return {
    scenario: FOLDER.exec(path.slice(0, -'/checks.json'.length))?.[1] ?? path,
    passed: checks.filter(({ status }) => status === 'SUCCESS').length,
    complaints: bad.map(({ id, errorMessage = 'no reason given' }) => `${id}: ${errorMessage}`),
  }
}
