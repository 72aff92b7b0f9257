import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ResourceUpdatedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { startHttpUpstream } from '../fixture/upstream/http-upstream.ts'
import { keptSessions, untilKept } from './kept-sessions.ts'
import { type Running, runGatehouse, startGatehouse } from './running.ts'
import { namesOf } from './sdk-client.ts'

const ENV = { SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: 'a'.repeat(40) }
const TOLD_SERVER = join(import.meta.dirname, '../fixture/upstream/told-server.mjs')

let folder: string
let token: string
let gatehouse: Running | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-session-'))
  const http = await startHttpUpstream()
  onTestFinished(() => http.stop())
  writeFileSync(
    join(folder, 'gatehouse.toml'),
    `[upstream]
autoEnable = ["*"]
[upstream.servers.told]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(TOLD_SERVER)}, "--resources=a:1"]
[upstream.servers.http]
url = ${JSON.stringify(http.url)}
`,
  )
  await runGatehouse(['init'], { cwd: folder, env: ENV })
  token = (await runGatehouse(['token', 'create', '--user', 'admin'], { cwd: folder, env: ENV })).stdout.trim()
})
afterEach(async () => {
  await gatehouse?.stop()
  gatehouse = undefined
  rmSync(folder, { recursive: true, force: true })
})

const until = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 15_000, interval: 20 })

async function start(port = '0'): Promise<Running> {
  gatehouse = await startGatehouse(['--port', port], folder, ENV)
  return gatehouse
}

/** The official client, which takes its stream up again as often as it has to. */
async function connect(url: string) {
  const client = new Client({ name: 'test', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(`${url}/mcp`), {
    requestInit: { headers: { authorization: `Bearer ${token}` } },
    reconnectionOptions: {
      initialReconnectionDelay: 100,
      maxReconnectionDelay: 200,
      reconnectionDelayGrowFactor: 1.5,
      maxRetries: 200,
    },
  })
  // The SDK declares an optional field that its own interface does not take under exactOptionalPropertyTypes.
  await client.connect(transport as unknown as Parameters<Client['connect']>[0])
  onTestFinished(() => client.close())
  const call = async (name: string, args: Record<string, unknown> = {}): Promise<any> => {
    const { content } = (await client.callTool({ name, arguments: args })) as { content: { text: string }[] }
    return JSON.parse(content[0]!.text)
  }
  return { client, transport, call }
}

test('a client goes on with its session when the gateway was killed, over servers of both wires, as if nothing had happened', async () => {
  const { url, frontPid } = await start()
  const { client, transport, call } = await connect(url)
  const updated: string[] = []
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void updated.push(params.uri))
  await until(async () => expect(await namesOf(client)).toEqual(expect.arrayContaining(['told__seen', 'http__count'])))
  const names = await namesOf(client)
  await client.subscribeResource({ uri: 'a:1' })
  expect([await call('http__count'), await call('http__count')]).toEqual([1, 2])
  const session = transport.sessionId
  await until(() => expect(keptSessions(folder)).toEqual([expect.stringContaining('a:1')]))
  const before = frontPid()

  process.kill(before, 'SIGKILL')
  await until(() => expect(frontPid()).not.toBe(before))

  // At once, while its servers still start.
  expect(await call('told__client')).toMatchObject({ protocolVersion: '2025-11-25' })
  expect(await call('http__count')).toBe(1)
  expect(await namesOf(client)).toEqual(names)
  expect(transport.sessionId).toBe(session)
  await until(async () => expect(await call('told__seen', { method: 'resources/subscribe' })).toMatchObject([{ uri: 'a:1' }]))
  await call('told__say', { method: 'notifications/resources/updated', params: { uri: 'a:1' } })
  await until(() => expect(updated).toEqual(['a:1']))
  await transport.terminateSession()
  await untilKept(folder, 0)
})

test('a session outlives a stop and a start, but neither the credential that opened it nor the one that is shown', async () => {
  const first = await start()
  const admin = token
  const post = async (path: string, method: string, body?: object): Promise<any> => {
    const headers = { authorization: `Bearer ${admin}`, ...(body && { 'content-type': 'application/json' }) }
    return (await fetch(`${gatehouse!.url}/api${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })).json()
  }
  const made = await post('/tokens', 'POST', { label: 'brief', scope: 'full' })
  token = made.token
  const { client, transport } = await connect(first.url)
  await untilKept(folder)
  expect(await first.stop()).toBe(0)
  const ping = async (credential: string): Promise<number> => {
    const response = await fetch(`${gatehouse!.url}/mcp`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${credential}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-session-id': transport.sessionId!,
      },
      body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
    })
    await response.text()
    return response.status
  }

  await start(new URL(first.url).port)
  await client.ping()
  expect(await gatehouse!.stop()).toBe(0)
  await start(new URL(first.url).port)
  await post(`/tokens/${made.info.id}`, 'DELETE')
  await untilKept(folder, 0)

  expect(await ping(made.token)).toBe(401)
  expect(await ping(admin)).toBe(404)
})
