import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Running, startGatehouse } from './running.ts'

const MAIN = resolve('dist/src/main.js')
const everything = join(
  dirname(createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json')),
  'dist/index.js',
)

let folder: string
let gatehouse: Running | undefined

const run = (...args: string[]): string =>
  execFileSync(process.execPath, [MAIN, ...args], { cwd: folder, env: { PATH: process.env['PATH'] }, encoding: 'utf8' })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-crash-'))
  run('init')
  const file = join(folder, 'gatehouse.toml')
  const upstream = `[upstream.servers.all]\ntransport = "stdio"\ncommand = "node"\nargs = [${JSON.stringify(everything)}, "stdio"]\nshared = true\n`
  writeFileSync(file, `${readFileSync(file, 'utf8')}\n${upstream}`)
})
afterEach(async () => {
  await gatehouse?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const start = async (): Promise<Running> => {
  gatehouse = await startGatehouse(['--config', join(folder, 'gatehouse.toml'), '--port', '0'], folder)
  return gatehouse
}

interface Row {
  readonly id: number
  readonly requestId: string
  readonly outcome: string
  readonly finishedAt: number | null
}

test('after kill -9 under load every reply that was received has its finished record, begun calls are interrupted, and the chains hold', async () => {
  const { token } = JSON.parse(run('token', 'create', '--user', 'admin', '--json')) as { token: string }
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const call = (url: string, tool: string, args: object) =>
    fetch(`${url}/api/tools/all/${tool}`, { method: 'POST', headers, body: JSON.stringify(args) })
  const before = await start()
  await expect.poll(async () => (await call(before.url, 'echo', { message: 'up' })).status, { timeout: 20_000 }).toBe(200)
  const replied: string[] = []
  const keepCalling = async (): Promise<void> => {
    for (;;) {
      const response = await call(before.url, 'echo', { message: 'load' }).catch(() => undefined)
      const whole = await response?.text().catch(() => undefined)
      if (!response || whole === undefined) return
      replied.push(response.headers.get('x-request-id')!)
    }
  }
  const cut = [1, 2, 3].map(() =>
    call(before.url, 'trigger-long-running-operation', { duration: 60, steps: 60 }).catch(() => undefined),
  )
  const load = Array.from({ length: 16 }, keepCalling)
  await expect.poll(() => replied.length, { timeout: 20_000, interval: 5 }).toBeGreaterThan(300)

  await before.kill()
  await Promise.all([...load, ...cut])
  const verifiedWhileDown = run('audit', 'verify')
  const after = await start()
  const rows = await allCalls(after.url, headers)

  const finished = new Map(
    rows.filter(({ finishedAt }) => finishedAt !== null).map(({ requestId, outcome }) => [requestId, outcome]),
  )
  expect(replied.filter((id) => finished.get(id) !== 'ok')).toEqual([])
  expect(rows.filter(({ outcome }) => outcome === 'interrupted').length).toBeGreaterThanOrEqual(3)
  expect(rows.filter(({ outcome }) => outcome === 'running')).toEqual([])
  expect(verifiedWhileDown).toMatch(/^audit: good/)
  expect(run('audit', 'verify')).toMatch(/^audit: good/)
})

/** Every record of the upstream's tools, page by page. */
async function allCalls(url: string, headers: Record<string, string>): Promise<Row[]> {
  const rows: Row[] = []
  let cursor: string | undefined
  do {
    const query = new URLSearchParams({ source: 'all', limit: '200', ...(cursor !== undefined && { cursor }) })
    const page = (await (await fetch(`${url}/api/audit/calls?${query}`, { headers })).json()) as {
      calls: Row[]
      nextCursor?: string | null
    }
    rows.push(...page.calls)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return rows
}
