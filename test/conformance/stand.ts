import { randomBytes } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, runToEnd, startChild } from '../bench/child.ts'
import { type AuthProxy, startAuthProxy } from './auth-proxy.ts'
import { CONNECTED, type Connected } from './leg.ts'

/** One gateway behind a proxy that adds the token, and behind the gateway the fixture in every way of connecting it. */
export interface Stand {
  /** The fixture's own names, without credentials. @param alias `undefined`: all upstreams at once, under prefixed names */
  url(alias?: string): string
  /** Where the gateway itself listens. */
  readonly gatewayUrl: string
  readonly token: string
  stop(): Promise<void>
}

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const FIXTURE = fileURLToPath(new URL('../fixture/conformance-upstream.ts', import.meta.url))

/** Long enough for a machine that does other things besides. */
const COMMAND_MS = 30_000

/** Start all of it, in processes of their own. @param more further lines of the gateway's configuration */
export async function startStand(connected: readonly Connected[] = CONNECTED, more = ''): Promise<Stand> {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-conformance-'))
  const children: Child[] = []
  let proxy: AuthProxy | undefined
  const stop = async (): Promise<void> => {
    proxy?.close()
    await Promise.all(children.map((child) => child.stop()))
    await rm(dir, { recursive: true })
  }
  try {
    const tables = await Promise.all(connected.map((upstream) => configuration(upstream, children)))
    await writeFile(join(dir, 'gatehouse.toml'), [...tables, more].join('\n'))
    const { port, token } = await startGateway(dir, children, connected)
    proxy = await startAuthProxy(port, token)
    const base = `http://127.0.0.1:${proxy.port}/mcp`
    const url = (alias?: string): string => (alias === undefined ? base : `${base}/s/${alias}`)
    return { url, gatewayUrl: `http://127.0.0.1:${port}`, token, stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

/** A gateway with one user, whose upstreams are all connected. */
async function startGateway(dir: string, children: Child[], connected: readonly Connected[]) {
  const flags = ['--config', join(dir, 'gatehouse.toml'), '--data', join(dir, 'data')]
  const env = { ...process.env, SECRET_KEY_BASE: newKey(), COOKIE_SALT: newKey(), ACCESS_CONTROL_KEY: newKey() }
  await runToEnd([MAIN, 'user', 'create', 'suite', '--role', 'agent', ...flags], COMMAND_MS, env)
  const made = await runToEnd([MAIN, 'token', 'create', '--user', 'suite', '--json', ...flags], COMMAND_MS, env)
  const gateway = startChild([MAIN, 'start', '--port', '0', ...flags], env)
  children.unshift(gateway)
  const [, port] = await gateway.line(/"url":"http:\/\/127\.0\.0\.1:(\d+)".*gatehouse\.ready/)
  await Promise.all(connected.map(({ alias }) => gateway.line(new RegExp(`"alias":"${alias}".*upstream\\.connected`))))
  return { port: Number(port), token: (JSON.parse(made) as { token: string }).token }
}

async function configuration({ alias, era, transport }: Connected, children: Child[]): Promise<string> {
  const flags = [FIXTURE, '--era', era]
  if (transport === 'stdio') {
    const [command, args] = [process.execPath, [...flags, '--stdio']].map((value) => JSON.stringify(value))
    return `[upstream.servers.${alias}]\ntransport = "stdio"\ncommand = ${command}\nargs = ${args}\n`
  }
  const fixture = startChild(flags)
  children.push(fixture)
  const [, url] = await fixture.line(/"url":"([^"]+)"/)
  return `[upstream.servers.${alias}]\ntransport = "http"\nurl = ${JSON.stringify(url)}\n`
}

const newKey = (): string => randomBytes(48).toString('base64url')
