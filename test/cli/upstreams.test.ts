import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ODD_SERVER } from '../mcp/client/open-odd.ts'
import { childrenOf, isAlive } from './processes.ts'
import { type Running, runGatehouse, startGatehouse } from './running.ts'
import { connectClient } from './sdk-client.ts'

const ENV = {
  SECRET_KEY_BASE: 'secret-key-base-of-this-test-0123456789',
  COOKIE_SALT: 'cookie-salt-of-this-test-0123456789-abc',
  ACCESS_CONTROL_KEY: 'access-control-key-of-this-test-0123456',
  SEARCH_TOKEN: 'a-secret-that-one-server-is-given',
}
let folder: string
let token: string
let gatehouse: Running | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-upstreams-'))
  await runGatehouse(['init'], { cwd: folder, env: ENV })
  token = (await runGatehouse(['token', 'create', '--user', 'admin'], { cwd: folder, env: ENV })).stdout.trim()
})
afterEach(async () => {
  await gatehouse?.stop()
  gatehouse = undefined
  rmSync(folder, { recursive: true, force: true })
})

const odd = (...flags: string[]): object => ({ command: 'node', args: [ODD_SERVER, ...flags] })

async function start(mcpServers: object, env: Record<string, string> = {}): Promise<Running> {
  const file = join(folder, 'mcp_servers.json')
  writeFileSync(file, JSON.stringify({ mcpServers }))
  gatehouse = await startGatehouse([], folder, { ...ENV, MCP_GATEWAY_CONFIG: file, MCP_GATEWAY_PORT: '0', ...env })
  return gatehouse
}

// any: the shape differs by route.
async function rest(path: string, method = 'GET', body?: object): Promise<any> {
  const response = await fetch(`${gatehouse!.url}/api${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  })
  return response.json()
}

const until = (alias: string, state: string): Promise<void> =>
  vi.waitFor(async () => expect((await rest(`/upstreams/${alias}`)).state).toBe(state), { timeout: 15_000, interval: 50 })

test('a server that never answers delays neither the start nor the other servers, and a broken entry hides none', async () => {
  await start(
    { sleeper: { command: 'sleep', args: ['60'] }, good: odd(), broken: { transport: 'http' }, off: odd() },
    {
      MCP_GATEWAY_AUTO_ENABLE: 'sleeper,good,unknown',
    },
  )

  expect((await fetch(`${gatehouse!.url}/health`)).status).toBe(200)
  await until('good', 'connected')
  const { upstreams } = await rest('/upstreams')
  expect(upstreams.map(({ alias, state }: any) => [alias, state])).toEqual([
    ['broken', 'error'],
    ['good', 'connected'],
    ['off', 'disabled'],
    ['sleeper', 'connecting'],
  ])
})

test('a servers file that is not there is a warning, in the kept log as well, and the gateway runs', async () => {
  gatehouse = await startGatehouse(['--port', '0'], folder, { ...ENV, MCP_GATEWAY_CONFIG: join(folder, 'none.json') })

  expect((await rest('/upstreams')).upstreams).toEqual([])
  expect(gatehouse.stderr()).toContain('upstream.servers_file_unread')
  const { lines } = await rest('/log?level=warn')
  expect(lines.map(({ event }: any) => event)).toContain('upstream.servers_file_unread')
})

test('a server is given its own secret and none of the gateway’s, and no secret is logged', async () => {
  await start({
    env: { ...odd(), env: { SEARCH_TOKEN: `\${ENV:SEARCH_TOKEN}` } },
  })
  await until('env', 'connected')

  const { content } = await rest('/tools/env/environment_backwards', 'POST', {})

  const seen = JSON.parse(content[0].text)
  expect(seen).toMatchObject({ SEARCH_TOKEN: [...ENV.SEARCH_TOKEN].reverse().join('') })
  for (const name of ['SECRET_KEY_BASE', 'COOKIE_SALT', 'ACCESS_CONTROL_KEY', 'MCP_GATEWAY_CONFIG'])
    expect(seen).not.toHaveProperty(name)
  const { calls } = await rest('/audit/calls?tool=env__environment_backwards')
  const said = gatehouse!.stderr() + JSON.stringify([await rest('/upstreams/env'), await rest(`/audit/calls/${calls[0].id}`)])
  for (const secret of [...Object.values(ENV), token]) expect(said).not.toContain(secret)
})

test('what an operator switched off stays off over a restart, until it is reset', async () => {
  await start({ good: odd() })
  await until('good', 'connected')
  await rest('/upstreams/good/disable', 'POST')
  await gatehouse!.stop()

  await start({ good: odd() })
  expect(await rest('/upstreams/good')).toMatchObject({ state: 'disabled', enabledBy: 'override' })

  await rest('/upstreams/good/override', 'DELETE')
  await until('good', 'connected')
})

test('TERM lets a call over stdio finish, refuses new ones meanwhile, and leaves no process behind', async () => {
  await start({ good: odd(), stubborn: odd('--ignore-term', '--grandchild') })
  await until('good', 'connected')
  await until('stubborn', 'connected')
  const client = await connectClient(`${gatehouse!.url}/mcp`, token)
  const children = childrenOf(gatehouse!.frontPid())
  const call = client.callTool({ name: 'good__late', arguments: { afterMs: 1_500 } })
  await vi.waitFor(async () => expect((await rest('/upstreams/good')).inFlight).toBe(1))
  await client.ping()

  const stopped = gatehouse!.stop()
  await vi.waitFor(async () => expect((await fetch(`${gatehouse!.url}/ready`)).status).toBe(503))
  expect(await rest('/tools/good/late', 'POST', { afterMs: 1 })).toMatchObject({ code: 'unavailable' })

  expect((await call).content).toEqual([{ type: 'text', text: 'late' }])
  expect(await stopped).toBe(0)
  expect(children.length).toBeGreaterThanOrEqual(2)
  expect(children.filter(isAlive)).toEqual([])
})

test('a call that hangs holds the stop up for no longer than the drain, is answered, and is on record', async () => {
  writeFileSync(join(folder, 'gatehouse.toml'), '[http]\ndrainMs = 300\n')
  await start({ good: odd() })
  const [hanging] = await hang()

  expect(await gatehouse!.stop()).toBe(0)

  expect(gatehouse!.stderr()).toContain('stop.visits_cut')
  await expect(hanging).resolves.toMatchObject({ code: 'unavailable', detail: expect.stringContaining('stopped') })
  expect(await runGatehouse(['audit', 'verify'], { cwd: folder, env: ENV })).toMatchObject({ code: 0 })
  await start({ good: odd() })
  const { calls } = await rest('/audit/calls?tool=good__never')
  expect(calls).toMatchObject([{ outcome: 'unavailable' }])
})

test('a second TERM ends the gateway at once, with every process of its upstreams', async () => {
  await start({ good: odd(), stubborn: odd('--ignore-term', '--grandchild') })
  await until('stubborn', 'connected')
  const [hanging] = await hang()
  const children = childrenOf(gatehouse!.frontPid())

  process.kill(gatehouse!.pid, 'SIGTERM')
  await vi.waitFor(async () => expect((await fetch(`${gatehouse!.url}/ready`)).status).toBe(503))
  expect(await gatehouse!.stop()).toBe(1)

  await expect(hanging).rejects.toThrow()
  expect(children.length).toBeGreaterThanOrEqual(2)
  await vi.waitFor(() => expect(children.filter(isAlive)).toEqual([]))
})

/** Begin a call that is never answered. @returns its answer, wrapped so that it is not awaited here */
async function hang(): Promise<Promise<any>[]> {
  await until('good', 'connected')
  const call = rest('/tools/good/never', 'POST', {})
  call.catch(() => {})
  await vi.waitFor(async () => expect((await rest('/upstreams/good')).inFlight).toBe(1))
  return [call]
}
