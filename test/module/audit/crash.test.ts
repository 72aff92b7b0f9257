import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import BetterSqlite3 from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { startFront } from '../../cli/running.ts'
import { temporaryFolder } from './audit-house.ts'

const KEYS = { SECRET_KEY_BASE: 's'.repeat(40), COOKIE_SALT: 'c'.repeat(40), ACCESS_CONTROL_KEY: 'a'.repeat(40) }
const IN_FLIGHT = 24
const REPLIES = 800
const HANGING = 5

const run = promisify(execFile)

/** A real upstream with a tool that answers and one that never does. */
const CONFIG = `[upstream]
autoEnable = ["*"]
[upstream.servers.odd]
command = ${JSON.stringify(process.execPath)}
args = [${JSON.stringify(fileURLToPath(new URL('../../fixture/upstream/odd-server.mjs', import.meta.url)))}]
`

interface ShownCall {
  readonly requestId: string
  readonly tool: string
  readonly outcome: string
}

test('a kill during load loses no record of a reply that was received, and leaves a chain that verifies', {
  timeout: 120_000,
}, async () => {
  const folder = await temporaryFolder()
  const data = join(folder, 'data')
  writeFileSync(join(folder, 'gatehouse.toml'), CONFIG)
  const gatehouse = (...args: string[]) =>
    run(process.execPath, [resolve('dist/src/main.js'), ...args, '--data', data], {
      cwd: folder,
      env: { PATH: process.env['PATH'], NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'], ...KEYS },
    })
  await gatehouse('user', 'create', 'root', '--role', 'admin')
  const token = (await gatehouse('token', 'create', '--user', 'root', '--label', 'load')).stdout.trim()
  const first = await startFront(['--port', '0', '--data', data], folder, KEYS)
  const ask = (path: string, body?: object) =>
    fetch(`${first.url}${path}`, {
      headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    })
  await vi.waitFor(async () => expect(await (await ask('/api/tools')).text()).toContain('odd__never'), { timeout: 10_000 })

  let dead = false
  const untilDead = (work: Promise<unknown>) =>
    work.catch((cause: unknown) => {
      if (!dead) throw cause
    })
  const received = new Set<string>()
  const hanging = Array.from({ length: HANGING }, () => untilDead(ask('/api/tools/odd/never', {})))
  const load = Array.from({ length: IN_FLIGHT }, async (_, index) => {
    // Good calls, refused ones and such as do not exist: each leaves a record.
    const asks = [
      () => ask('/api/tools/odd/echo', { text: `number ${index}` }),
      () => ask('/api/audit/calls/1'),
      () => ask('/api/audit/calls?limit=x'),
      () => ask('/api/audit/stats'),
    ]
    while (!dead) {
      await untilDead(
        asks[index % asks.length]!().then(async (reply) => {
          await reply.text()
          received.add(reply.headers.get('x-request-id')!)
        }),
      )
      if (received.size < REPLIES || dead) continue
      dead = true
      await first.kill()
    }
  })
  await Promise.all([...load, ...hanging])

  const left = await gatehouse('audit', 'verify')
  const second = await startFront(['--port', '0', '--data', data], folder, KEYS)
  const calls: ShownCall[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const reply = await fetch(`${second.url}/api/audit/calls?limit=200${cursor && `&cursor=${cursor}`}`, {
      headers: { authorization: `Bearer ${token}` },
    })
    const page = (await reply.json()) as { calls: ShownCall[]; nextCursor: string | null }
    calls.push(...page.calls)
    cursor = page.nextCursor
  }
  await second.stop()
  const afterwards = await gatehouse('audit', 'verify')

  const raw = new BetterSqlite3(join(data, 'audit.sqlite'))
  raw.exec("update call set outcome = 'ok' where outcome = 'interrupted'")
  raw.close()
  const tampered = await gatehouse('audit', 'verify').catch((error: { code: number; stdout: string }) => error)

  const finished = new Set(
    calls.filter(({ outcome }) => !['interrupted', 'running'].includes(outcome)).map(({ requestId }) => requestId),
  )
  expect([...received].filter((requestId) => !finished.has(requestId))).toEqual([])
  expect(calls.filter(({ tool, outcome }) => tool === 'odd__never' && outcome === 'interrupted')).toHaveLength(HANGING)
  expect(new Set(calls.map(({ outcome }) => outcome))).toEqual(new Set(['ok', 'not_found', 'invalid', 'interrupted', 'running']))
  expect(left.stdout).toMatch(/^audit: good/)
  expect(afterwards.stdout).toMatch(/^audit: good/)
  expect(tampered).toMatchObject({ code: 1, stdout: expect.stringMatching(/^audit: BROKEN.*\n.*\n {2}link \d+, id \d+: /) })
})
