import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { startChild } from '../child.ts'
import { freePort } from './free-port.ts'
import { type Gateway, type Prepared, prepareGateway, startGateway } from './gateway.ts'
import { openSession, type Target } from './mcp-session.ts'
import { connectRaw } from './raw-connection.ts'
import { portOpen, until } from './until.ts'

const require = createRequire(import.meta.url)

/** What is measured against what: over HTTP and over stdio, each in one row of interleaved legs. */
export const LEGS = {
  direct: 'direct to the HTTP upstream',
  gatehouse: 'Gatehouse → HTTP upstream',
  naive: 'naive hop (SDK Server + Client) → HTTP upstream',
  gatehouseStdio: 'Gatehouse → shared stdio upstream',
  proxy: 'mcp-proxy → stdio upstream',
  proxyBare: 'mcp-proxy --no-eventStore → stdio upstream',
  statelessDirect: 'stateless era, direct to the upstream (SDK v2 handler)',
  statelessChecked: 'stateless era, direct to one that checks (SDK v2 McpServer)',
  statelessGatehouse: 'stateless era, Gatehouse → the same upstream',
  statelessStdio: 'stateless era, Gatehouse → shared stdio upstream',
} as const

export type LegName = keyof typeof LEGS

/** Everything that has to run for the load, all of it on loopback. */
export interface Stand {
  readonly legs: Readonly<Record<LegName, Target>>
  readonly prepared: Prepared
  readonly gateway: Gateway
}

/** Start the upstreams and what stands in front of them, a process each. */
export async function startStand(dir: string): Promise<Stand> {
  const upstream = await startSdk('upstream-http.ts')
  const stateless = await startSdk('stateless-sdk.ts')
  const checked = await startSdk('stateless-checked.ts')
  const prepared = await prepareGateway(dir, upstream, script('upstream-stdio.ts'), stateless)
  const [hop, proxy, proxyBare, gateway] = await Promise.all([
    startSdk('naive-hop.ts', upstream),
    startProxy(),
    startProxy('--no-eventStore'),
    startGateway(prepared),
  ])
  const throughGateway = { url: gateway.mcpUrl, token: prepared.token }
  const legs = {
    direct: { url: upstream, tool: 'echo' },
    gatehouse: { ...throughGateway, tool: 'http__echo' },
    naive: { url: hop, tool: 'echo' },
    gatehouseStdio: { ...throughGateway, tool: 'stdio__echo' },
    proxy: { url: proxy, tool: 'echo' },
    proxyBare: { url: proxyBare, tool: 'echo' },
    statelessDirect: { url: stateless, tool: 'echo', era: 'stateless' },
    statelessChecked: { url: checked, tool: 'echo', era: 'stateless' },
    statelessGatehouse: { ...throughGateway, tool: 'stateless__echo', era: 'stateless' },
    statelessStdio: { ...throughGateway, tool: 'stdio__echo', era: 'stateless' },
  } as const
  await Promise.all(Object.values(legs).map(callable))
  return { legs, prepared, gateway }
}

/** A gateway is ready before its upstreams are. */
async function callable(target: Target): Promise<void> {
  await until(`${target.tool} at ${target.url} to answer`, async () => {
    const connection = connectRaw(Number(new URL(target.url).port))
    try {
      const session = await openSession(connection, target)
      await session.call()
      await session.end()
      return true
    } finally {
      connection.close()
    }
  })
}

function script(name: string): string {
  return fileURLToPath(new URL(`process/${name}`, import.meta.url))
}

async function startSdk(name: string, ...args: string[]): Promise<string> {
  const [, port] = await startChild([script(name), ...args]).line(/port (\d+)/)
  return `http://127.0.0.1:${port}/mcp`
}

async function startProxy(...options: string[]): Promise<string> {
  const port = await freePort()
  const entry = require.resolve('mcp-proxy').replace(/dist.index\.mjs$/, 'dist/bin/mcp-proxy.mjs')
  const where = ['--host', '127.0.0.1', '--port', String(port), '--server', 'stream']
  const child = startChild([entry, ...where, ...options, '--', process.execPath, script('upstream-stdio.ts')])
  await Promise.race([portOpen(port), child.ended])
  return `http://127.0.0.1:${port}/mcp`
}
