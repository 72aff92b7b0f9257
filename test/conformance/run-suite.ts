import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** How a run of the official suite ended. */
export interface SuiteRun {
  /** 0: everything as expected; 1: something failed that should not, or passed that is listed as failing. */
  readonly exitCode: number
  /** What it printed. */
  readonly report: string
}

const SUITE = fileURLToPath(new URL('../../node_modules/.bin/conformance', import.meta.url))
const EXPECTED_FAILURES = fileURLToPath(new URL('expected-failures.yml', import.meta.url))

/** Revision whose requirements, frozen at its release, are run. */
const REVISION = '2025-11-25'

/** Run the official suite against a server. @param onOutput told of what it prints as it does */
export async function runSuite(url: string, onOutput: (text: string) => void = () => {}): Promise<SuiteRun> {
  const args = [SUITE, 'server', '--url', url, '--requirements', REVISION, '--expected-failures', EXPECTED_FAILURES]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let report = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      report += text
      onOutput(text)
    })
  }
  const [code] = await once(child, 'close')
  return { exitCode: code ?? 1, report }
}
