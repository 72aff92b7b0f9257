import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { lanes } from '../../queue/index.ts'
import { ODD_SERVER } from '../mcp/client/open-odd.ts'
import { untilKept } from './kept-sessions.ts'
import { descendantsOf, isAlive } from './processes.ts'
import { type Running, runGatehouse, startFront, startGatehouse } from './running.ts'

const ENV = { SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: 'a'.repeat(40) }
const CONFIG = `[upstream]
killAfterMs = 300

[upstream.servers.odd]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(ODD_SERVER)}, "--ignore-term", "--grandchild"]
`

let folder: string
let token: string
let gatehouse: Running | undefined

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-tree-'))
  writeFileSync(join(folder, 'gatehouse.toml'), CONFIG)
  await runGatehouse(['init'], { cwd: folder, env: ENV })
  token = (await runGatehouse(['token', 'create', '--user', 'admin'], { cwd: folder, env: ENV })).stdout.trim()
})
afterEach(async () => {
  await gatehouse?.stop()
  gatehouse = undefined
  rmSync(folder, { recursive: true, force: true })
})

async function start(): Promise<Running> {
  gatehouse = await startGatehouse(['--port', '0'], folder, ENV)
  await ready(gatehouse.url)
  return gatehouse
}

const until = (check: () => unknown): Promise<unknown> => vi.waitFor(check, { timeout: 15_000, interval: 20 })

/** Wait until the gateway takes calls and its upstream is there. */
const ready = (url: string): Promise<unknown> =>
  until(async () => expect(await (await rest(url, '/upstreams/odd')).json()).toMatchObject({ state: 'connected' }))

const rest = (url: string, path: string, body?: object): Promise<Response> =>
  fetch(`${url}/api${path}`, {
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { method: 'POST', body: JSON.stringify(body) }),
  })

/** Every process as the monitor shows it; the shape is the monitor's own. */
const processes = async (url: string): Promise<any[]> => (await (await rest(url, '/monitor')).json()).processes

const mcp = (url: string, method: string, params: object, session?: string): Promise<Response> =>
  fetch(`${url}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2025-11-25',
      ...(session && { 'mcp-session-id': session }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
  })
const initialise = (url: string): Promise<Response> =>
  mcp(url, 'initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  })

test('a front that is killed is back on its port with other upstream processes, and goes on with old sessions', async () => {
  const { url, frontPid } = await start()
  const session = (await initialise(url)).headers.get('mcp-session-id')!
  await untilKept(folder)
  const before = { front: frontPid(), descendants: descendantsOf(frontPid()) }

  process.kill(before.front, 'SIGKILL')
  await until(() => expect(frontPid()).not.toBe(before.front))
  await ready(url)

  expect((await mcp(url, 'ping', {}, session)).status).toBe(200)
  expect((await mcp(url, 'ping', {}, 'x'.repeat(43))).status).toBe(404)
  expect((await initialise(url)).status).toBe(200)
  expect(before.descendants.length).toBeGreaterThanOrEqual(2)
  expect(before.descendants.filter(isAlive)).toEqual([])
})

test('a worker that is killed is back with its lanes, and the front knows why it was gone', async () => {
  const { url, pid, frontPid } = await start()
  const worker = async (): Promise<any> => (await processes(url)).find(({ name }) => name === 'worker-1')
  await until(async () => expect(await worker()).toMatchObject({ state: 'running', vitals: { rssBytes: expect.any(Number) } }))
  const before = await worker()

  process.kill(before.pid, 'SIGKILL')

  await until(async () => expect(await worker()).toMatchObject({ state: 'running', restarts: 1, lastEnd: 'signal SIGKILL' }))
  await until(async () =>
    expect((await (await rest(url, '/queue/lanes')).json()).lanes).toMatchObject(lanes.map(({ name }) => ({ name, workers: 1 }))),
  )
  expect((await worker()).pid).not.toBe(before.pid)
  expect((await processes(url)).map(({ name, pid }) => [name, pid])).toEqual([
    ['front', frontPid()],
    ['supervisor', pid],
    ['worker-1', (await worker()).pid],
  ])
})

test('as many workers run as are wanted, also none', async () => {
  writeFileSync(join(folder, 'gatehouse.toml'), `${CONFIG}[queue]\nworkers = 0\n`)
  const none = await start()
  expect((await processes(none.url)).map(({ name }) => name)).toEqual(['front', 'supervisor'])
  await none.stop()
  writeFileSync(join(folder, 'gatehouse.toml'), `${CONFIG}[queue]\nworkers = 2\n`)
  const two = await start()

  await until(async () =>
    expect((await processes(two.url)).slice(2)).toMatchObject([
      { name: 'worker-1', state: 'running' },
      { name: 'worker-2', state: 'running' },
    ]),
  )
})

test('a worker that is told to serve a lane that there is not says so, and which there are', async () => {
  const { code, stderr } = await runGatehouse(['worker', '--lanes', 'nope'], { cwd: folder, env: ENV })

  expect(code).toBe(1)
  expect(stderr).toMatch(/^gatehouse: There is no lane nope\. .*function/)
})

test('a supervisor that is killed takes everything with it, and a new start works at once', async () => {
  const { url, pid, kill } = await start()
  await until(async () => expect((await processes(url)).at(-1)).toMatchObject({ name: 'worker-1', state: 'running' }))
  const tree = descendantsOf(pid)
  const hanging = rest(url, '/tools/odd/never', {}).catch(() => undefined)
  await until(async () => expect(await (await rest(url, '/upstreams/odd')).json()).toMatchObject({ inFlight: 1 }))

  await kill()
  const second = await start()

  expect(second.pid).not.toBe(pid)
  expect(tree.length).toBeGreaterThanOrEqual(4)
  expect(tree.filter(isAlive)).toEqual([])
  await hanging
})

test('a second start on a folder that is in use is refused at once, and names the process to stop', async () => {
  const { url, pid } = await start()

  const second = await runGatehouse(['start', '--port', '0'], { cwd: folder, env: ENV })

  expect(second).toMatchObject({ code: 1, stdout: '' })
  expect(second.stderr).toMatch(new RegExp(`^gatehouse: Another Gatehouse \\(process ${pid}\\) runs on .*\\n$`))
  expect((await fetch(`${url}/ready`)).status).toBe(200)
})

test('a front alone names itself as the process to stop', async () => {
  gatehouse = await startFront(['--port', '0'], folder, ENV)

  const second = await runGatehouse(['start', '--port', '0'], { cwd: folder, env: ENV })

  expect(second.code).toBe(1)
  expect(second.stderr).toContain(`(process ${gatehouse.pid})`)
})

test('a stop delivers the answer of a call in flight', async () => {
  const { url, stop } = await start()
  const call = rest(url, '/tools/odd/late', { afterMs: 1_000 })
  await until(async () => expect(await (await rest(url, '/upstreams/odd')).json()).toMatchObject({ inFlight: 1 }))

  const stopped = stop()

  expect(await (await call).json()).toMatchObject({ content: [{ type: 'text', text: 'late' }] })
  expect(await stopped).toBe(0)
})
