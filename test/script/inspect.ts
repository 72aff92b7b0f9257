import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Address } from './peer.ts'

const CLI = fileURLToPath(new URL('../../node_modules/.bin/mcp-inspector', import.meta.url))

/** Ask a server by the Inspector's command line. @param era as the Inspector calls it @returns the result */
export async function inspect({ url, token }: Address, era: string, ...args: readonly string[]): Promise<unknown> {
  const header = token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`]
  const how = ['--cli', '--server-url', url, '--transport', 'http', '--protocol-era', era, '--format', 'json', '-q']
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...how, ...header, ...args], { maxBuffer: 10_000_000 })
  return (JSON.parse(stdout) as { result: unknown }).result
}
