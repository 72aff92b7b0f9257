import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, runToEnd, startChild } from '../bench/child.ts'
import { type AuthProxy, startAuthProxy } from './auth-proxy.ts'

/** The fixture behind a gateway behind a proxy that adds the token. */
export interface Stand {
  /** The fixture's tools by their own names, without credentials. */
  readonly url: string
  stop(): Promise<void>
}

/** How the fixture is reached by the gateway. */
export type Wire = 'http' | 'stdio'

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const FIXTURE = fileURLToPath(new URL('../fixture/conformance-upstream.ts', import.meta.url))

/** Long enough for a machine that does other things besides. */
const COMMAND_MS = 30_000

/** Start all of it, in processes of their own. */
export async function startStand(wire: Wire): Promise<Stand> {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-conformance-'))
  const children: Child[] = []
  let proxy: AuthProxy | undefined
  const stop = async (): Promise<void> => {
    proxy?.close()
    await Promise.all(children.map((child) => child.stop()))
    await rm(dir, { recursive: true })
  }
  try {
    const flags = ['--config', join(dir, 'gatehouse.toml'), '--data', join(dir, 'data')]
    await writeFile(join(dir, 'gatehouse.toml'), configuration(wire === 'http' ? await startFixture(children) : undefined))
    const env = { ...process.env, SECRET_KEY_BASE: newKey(), COOKIE_SALT: newKey(), ACCESS_CONTROL_KEY: newKey() }
    await runToEnd([MAIN, 'user', 'create', 'suite', '--role', 'agent', ...flags], COMMAND_MS, env)
    const made = await runToEnd([MAIN, 'token', 'create', '--user', 'suite', '--json', ...flags], COMMAND_MS, env)
    const gateway = startChild([MAIN, 'start', '--port', '0', ...flags], env)
    children.unshift(gateway)
    const [, port] = await gateway.line(/"url":"http:\/\/127\.0\.0\.1:(\d+)".*gatehouse\.ready/)
    await gateway.line(/upstream\.connected/)
    proxy = await startAuthProxy(Number(port), (JSON.parse(made) as { token: string }).token)
    return { url: `http://127.0.0.1:${proxy.port}/mcp/s/fixture`, stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

async function startFixture(children: Child[]): Promise<string> {
  const fixture = startChild([FIXTURE])
  children.push(fixture)
  const [, url] = await fixture.line(/"url":"([^"]+)"/)
  return url!
}

function configuration(url: string | undefined): string {
  const reached = url
    ? `transport = "http"\nurl = ${JSON.stringify(url)}`
    : `transport = "stdio"\ncommand = ${JSON.stringify(process.execPath)}\nargs = [${JSON.stringify(FIXTURE)}, "--stdio"]`
  return `[upstream.servers.fixture]\n${reached}\n`
}

const newKey = (): string => randomBytes(48).toString('base64url')
