import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { allocatorEnv } from '../../../src/supervisor/allocator-env.ts'
import { type Child, runToEnd, startChild } from '../child.ts'
import { freePort } from './free-port.ts'
import { answersOk } from './until.ts'

/** A configured installation that nobody has started yet. */
export interface Prepared {
  readonly configFile: string
  readonly dataDir: string
  readonly env: NodeJS.ProcessEnv
  /** May call every tool and do nothing else, as an agent's should. */
  readonly token: string
}

/** A running gateway. */
export interface Gateway {
  readonly child: Child
  readonly mcpUrl: string
  /** From the start of the process to the first 200 of `/ready`. */
  readonly readyMs: number
}

/** Calls in flight at one upstream. The default of 8 protects upstreams; what the gateway is compared with knows no such limit. */
const MAX_CONCURRENCY = 128

const MAIN = fileURLToPath(new URL('../../../dist/src/main.js', import.meta.url))

/**
 * Configure the echo upstreams under `dir` and make an agent with a token.
 *
 * All but the concurrency keeps its default: rights are checked, calls are recorded.
 */
export async function prepareGateway(
  dir: string,
  upstreamUrl: string,
  stdioScript: string,
  statelessUrl: string,
): Promise<Prepared> {
  const configFile = join(dir, 'gatehouse.toml')
  const dataDir = join(dir, 'data')
  await writeFile(configFile, configuration(upstreamUrl, stdioScript, statelessUrl))
  const env = { ...process.env, SECRET_KEY_BASE: newKey(), COOKIE_SALT: newKey(), ACCESS_CONTROL_KEY: newKey() }
  const tell = (...args: string[]) => runToEnd([MAIN, ...args, '--config', configFile, '--data', dataDir], 20_000, env)
  await tell('user', 'create', 'bench', '--role', 'agent')
  const made = JSON.parse(await tell('token', 'create', '--user', 'bench', '--json')) as { token: string }
  return { configFile, dataDir, env, token: made.token }
}

/** Start it on a free port, as `gatehouse start` does, and wait until it is ready. */
export async function startGateway(
  { configFile, dataDir, env }: Prepared,
  nodeOptions: readonly string[] = [],
): Promise<Gateway> {
  const port = await freePort()
  const options = ['--config', configFile, '--data', dataDir, '--port', String(port)]
  const startMs = performance.now()
  const child = startChild([...nodeOptions, MAIN, 'front', ...options], { ...allocatorEnv, ...env })
  await Promise.race([answersOk(`http://127.0.0.1:${port}/ready`), child.ended])
  return { child, mcpUrl: `http://127.0.0.1:${port}/mcp`, readyMs: performance.now() - startMs }
}

function configuration(upstreamUrl: string, stdioScript: string, statelessUrl: string): string {
  return `
[upstream.servers.http]
transport = "http"
url = ${JSON.stringify(upstreamUrl)}
maxConcurrency = ${MAX_CONCURRENCY}

[upstream.servers.stateless]
transport = "http"
url = ${JSON.stringify(statelessUrl)}
era = "stateless"
maxConcurrency = ${MAX_CONCURRENCY}

[upstream.servers.stdio]
transport = "stdio"
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(stdioScript)}]
shared = true
maxConcurrency = ${MAX_CONCURRENCY}
`
}

function newKey(): string {
  return randomBytes(48).toString('base64url')
}
