import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { upstreamSettings } from '../../src/module/upstream/upstream.settings.ts'
import { openTestHouse, type TestHouse } from '../support.ts'

const BIN = join(import.meta.dirname, '../../node_modules/.bin')
const DOCS = readFileSync(join(import.meta.dirname, '../../asset/docs/metrics.md'), 'utf8')

/** Names in the first column of the tables of the docs. */
const documented = [...DOCS.matchAll(/^\| `(gatehouse_[a-z0-9_]+)` \|/gm)].map(([, name]) => name!)

const scrape = async (house: TestHouse, token: string | undefined = house.adminToken): Promise<string> =>
  (await house.fetch('/metrics', token)).text()

/** The value of one series; labels in their declared order, as they are written. */
const sampleOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

const namesIn = (text: string): string[] => [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!)

test('what is measured is documented, and what is documented is measured', async () => {
  const house = await openTestHouse()

  const names = namesIn(await scrape(house))

  expect(names.length).toBeGreaterThan(40)
  expect(names.filter((name) => !documented.includes(name)).sort()).toEqual([])
  expect(documented.filter((name) => !names.includes(name)).sort()).toEqual([])
})

test('names say their unit, counters that they count, and all whose they are', async () => {
  const house = await openTestHouse()
  const text = await scrape(house)

  for (const [, name, type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    expect(name).toMatch(/^gatehouse_[a-z_]+$/)
    expect(name!.endsWith('_total'), name).toBe(type === 'counter')
    if (type === 'histogram') expect(name).toMatch(/_(?:seconds|bytes)$/)
  }
})

test.each([
  ['no token', undefined, 401],
  ['a token for something else', 'upstream.read', 403],
  ['a token for metrics', 'monitor.read', 200],
])('with %s, the answer is %s', async (_, key, status) => {
  const house = await openTestHouse()

  const response = await house.fetch('/metrics', key && (await house.token(key)))

  expect(response.status).toBe(status)
  expect((await response.text()).includes('gatehouse_calls_total')).toBe(status === 200)
})

test('a scrape is in the access log with who made it, and in no call record', async () => {
  const house = await openTestHouse()
  const response = await house.fetch('/metrics', await house.token('monitor.read'))
  const requestId = response.headers.get('x-request-id')

  const { requests } = (await (await house.fetch(`/api/requests?search=${requestId}`, house.adminToken)).json()) as any
  const { calls } = (await (await house.fetch(`/api/audit/calls?search=${requestId}`, house.adminToken)).json()) as any

  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(requests).toMatchObject([{ path: '/metrics', status: 200, authPath: 'token' }])
  expect(calls).toEqual([])
})

test('open metrics ask for nothing, and switched off ones are not there', async () => {
  const open = await openTestHouse({ http: { metrics: 'open' } })
  const off = await openTestHouse({ http: { metrics: 'off' } })

  expect((await open.fetch('/metrics', undefined)).status).toBe(200)
  expect((await off.fetch('/metrics', off.adminToken)).status).toBe(404)
})

test('calls are counted by source, kind, transport and outcome; refusals by code and stage', async () => {
  const house = await openTestHouse()
  const nobody = await house.token()
  await house.fetch('/api/overview', house.adminToken)
  await house.fetch('/api/overview', nobody)

  const text = await scrape(house)

  const labels = 'source="overview",kind="operation",transport="rest"'
  expect(sampleOf(text, `gatehouse_calls_total{${labels},outcome="ok"}`)).toBe(1)
  expect(sampleOf(text, `gatehouse_calls_total{${labels},outcome="forbidden"}`)).toBe(1)
  expect(sampleOf(text, `gatehouse_call_seconds_count{${labels},outcome="ok"}`)).toBe(1)
  expect(sampleOf(text, `gatehouse_call_seconds_bucket{${labels},outcome="ok",le="+Inf"}`)).toBe(1)
  expect(sampleOf(text, 'gatehouse_refusals_total{code="forbidden",stage="permit"}')).toBe(1)
  expect(sampleOf(text, 'gatehouse_tool_calls_total{tool="overview_get",outcome="ok"}')).toBe(1)
})

test('a thousand names that no tool has make one series', async () => {
  const house = await openTestHouse()
  const caller = await house.gatehouse.authenticator.bearer(house.adminToken)
  const entry = { transport: 'mcp', requestId: 'r', sessionKey: 's', signal: new AbortController().signal } as const
  for (let index = 0; index < 1_000; index += 1)
    await house.gatehouse.door.enter(caller, `made_up_${index}`, {}, entry).catch(() => undefined)

  const text = await scrape(house)

  expect(sampleOf(text, 'gatehouse_tool_calls_total{tool="unknown",outcome="not_found"}')).toBe(1_000)
  expect(text).not.toContain('made_up')
})

test('a label cannot break out of its line', async () => {
  const house = await openTestHouse()
  house.gatehouse.meter.gauge('gatehouse_evil', 'Evil.', ['name'], () => [{ labels: { name: 'a"} 1\nfoo 2\\' }, value: 1 }])

  const text = await scrape(house)

  expect(text).toContain('gatehouse_evil{name="a\\"} 1\\nfoo 2\\\\"} 1\n')
})

test('stores, lanes, processes and MCP clients are there', async () => {
  const house = await openTestHouse({ onDisk: true })

  const text = await scrape(house)

  for (const store of ['audit', 'access', 'monitor', 'upstream', 'queue.function'])
    expect(sampleOf(text, `gatehouse_store_file_bytes{store="${store}"}`), store).toBeGreaterThan(0)
  expect(sampleOf(text, 'gatehouse_store_write_seconds_count{store="access"}')).toBeGreaterThan(0)
  expect(sampleOf(text, 'gatehouse_lane_jobs{lane="function",state="ready"}')).toBe(0)
  expect(sampleOf(text, 'gatehouse_lane_token_share_ratio{lane="function",limit="running"}')).toBe(0)
  expect(sampleOf(text, 'gatehouse_mcp_sessions')).toBe(0)
  expect(sampleOf(text, 'gatehouse_front_handles')).toBeGreaterThan(0)
})

test('calls of an upstream are timed, its failures counted by kind, its state shown', async () => {
  const servers = {
    everything: { transport: 'stdio', command: join(BIN, 'mcp-server-everything'), args: ['stdio'] },
    broken: { transport: 'stdio', command: '/does/not/exist' },
  }
  const house = await openTestHouse({ settings: { upstream: upstreamSettings.parse({ servers, killAfterMs: 500 }) } })
  const call = () =>
    house.fetch('/api/tools/everything/echo', house.adminToken, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"message":"hello"}',
    })
  await vi.waitFor(async () => expect((await call()).status).toBe(200), 15_000)

  const text = await scrape(house)

  expect(sampleOf(text, 'gatehouse_upstream_call_seconds_count{upstream="everything"}')).toBe(1)
  expect(sampleOf(text, 'gatehouse_upstream_state{upstream="everything",state="connected"}')).toBe(1)
  expect(sampleOf(text, 'gatehouse_upstream_state{upstream="broken",state="connected"}')).toBe(0)
  expect(sampleOf(text, 'gatehouse_upstream_connects_total{upstream="everything"}')).toBe(1)
})

test('the room of the disk is there once it was looked at', async () => {
  const house = await openTestHouse({ onDisk: true })
  await house.gatehouse.store<any>('monitor').rounds.run()

  const text = await scrape(house)

  expect(sampleOf(text, 'gatehouse_disk_free_bytes')).toBeGreaterThan(0)
  expect(sampleOf(text, 'gatehouse_check_state{check="disk",subject="data"}')).toBeDefined()
})
