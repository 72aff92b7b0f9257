import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Child, startChild } from '../bench/child.ts'
import { type AuthProxy, startAuthProxy } from './auth-proxy.ts'
import { startGateway, type UpstreamTable } from './gateway.ts'
import { CONNECTED, type Connected } from './leg.ts'

/** One gateway behind a proxy that adds the token, and behind the gateway the fixture in every way of connecting it. */
export interface Stand {
  /** The fixture's own names, without credentials. @param alias `undefined`: all upstreams at once, under prefixed names */
  url(alias?: string): string
  /** Where the gateway itself listens, and with which token. */
  readonly gateway: { readonly url: string; readonly token: string }
  stop(): Promise<void>
}

const FIXTURE = fileURLToPath(new URL('../fixture/conformance-upstream.ts', import.meta.url))

/** Start all of it, in processes of their own. @param others upstreams besides, which are there already */
export async function startStand(
  connected: readonly Connected[] = CONNECTED,
  others: Readonly<Record<string, UpstreamTable>> = {},
): Promise<Stand> {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-conformance-'))
  const children: Child[] = []
  let proxy: AuthProxy | undefined
  const stop = async (): Promise<void> => {
    proxy?.close()
    await Promise.all(children.map((child) => child.stop()))
    await rm(dir, { recursive: true })
  }
  try {
    const tables = connected.map(async (upstream) => [upstream.alias, await tableFor(upstream, children)] as const)
    const fixtures = Object.fromEntries(await Promise.all(tables))
    const gateway = await startGateway(dir, 'agent', { ...fixtures, ...others })
    children.unshift(gateway.child)
    proxy = await startAuthProxy(Number(new URL(gateway.url).port), gateway.token)
    const base = `http://127.0.0.1:${proxy.port}/mcp`
    const url = (alias?: string): string => (alias === undefined ? base : `${base}/s/${alias}`)
    return { url, gateway, stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

async function tableFor({ era, transport }: Connected, children: Child[]): Promise<UpstreamTable> {
  const args = [FIXTURE, '--era', era]
  if (transport === 'stdio') return { transport, command: process.execPath, args: [...args, '--stdio'] }
  const fixture = startChild(args)
  children.push(fixture)
  const [, url] = await fixture.line(/"url":"([^"]+)"/)
  return { transport, url }
}
