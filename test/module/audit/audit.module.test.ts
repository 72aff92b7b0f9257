import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type BetterSqlite3 from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openTestHouse, type TestHouse } from '../../support.ts'

interface Page {
  readonly text: string
  readonly rows: number
  readonly nextCursor: string | null
}

/** All pages of an export, put together. */
async function exported(house: TestHouse, query: string): Promise<string> {
  let text = ''
  for (let cursor: string | null = ''; cursor !== null; ) {
    const reply = await house.fetch(`/api/audit/export?${query}${cursor && `&cursor=${cursor}`}`, house.adminToken)
    const page = (await reply.json()) as Page
    text += page.text
    cursor = page.nextCursor
  }
  return text
}

const callsOf = async (house: TestHouse, query: string) =>
  ((await (await house.fetch(`/api/audit/calls?${query}`, house.adminToken)).json()) as { calls: Record<string, unknown>[] })
    .calls

test('every call leaves one record, refused, misspelt and unknown ones too', async () => {
  const house = await openTestHouse()
  const narrow = await house.token('log.read')
  await house.fetch('/api/log', narrow)
  await house.fetch('/api/requests', narrow)
  await house.fetch('/api/log?levle=warn', narrow)
  await house.fetch('/api/tools/nowhere/nothing', narrow, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  await house.fetch('/api/log', 'st_unknown')

  const calls = (await callsOf(house, '')).filter(({ tool }) => tool !== 'audit_call_list')

  expect(calls.map(({ tool, outcome, stage, code, authPath }) => ({ tool, outcome, stage, code, authPath }))).toEqual([
    { tool: expect.stringContaining('nothing'), outcome: 'not_found', stage: 'find', code: 'not_found', authPath: 'token' },
    { tool: 'log_list', outcome: 'invalid', stage: 'parse', code: 'invalid', authPath: 'token' },
    { tool: 'request_list', outcome: 'forbidden', stage: 'permit', code: 'forbidden', authPath: 'token' },
    { tool: 'log_list', outcome: 'ok', stage: null, code: null, authPath: 'token' },
  ])
})

test('a call is found by the request id that its caller was told, in the access log as well', async () => {
  const house = await openTestHouse()
  const reply = await house.fetch('/api/audit/calls/1', house.adminToken)
  const requestId = reply.headers.get('x-request-id')!

  const [call] = await callsOf(house, `search=${requestId}&tool=audit_call_get`)
  const requests = await (await house.fetch(`/api/requests?search=${requestId}`, house.adminToken)).json()

  expect(call).toMatchObject({ requestId, outcome: 'not_found' })
  expect(requests).toMatchObject({ requests: [{ requestId, status: 404, path: '/api/audit/calls/1' }] })
})

test('an export holds what the list shows, as JSON lines and as CSV, over many pages', async () => {
  const house = await openTestHouse()
  for (let calls = 0; calls < 9; calls += 1) await house.fetch('/api/log', house.adminToken)

  const lines = (await exported(house, 'tool=log_list&limit=2')).trimEnd().split('\n')
  const csv = (await exported(house, 'tool=log_list&limit=4&format=csv')).trimEnd().split('\r\n')
  const calls = await callsOf(house, 'tool=log_list')

  expect(calls).toHaveLength(9)
  expect(lines.map((line) => JSON.parse(line))).toEqual(calls)
  expect(csv[0]).toBe(Object.keys(calls[0]!).join(','))
  expect(csv.slice(1).map((line) => line.split(',')[0])).toEqual(calls.map(({ id }) => String(id)))
})

test('a formula in a name that a client made up is harmless in CSV', async () => {
  const house = await openTestHouse()
  await house.fetch('/api/tools/x/=cmd()', house.adminToken, {
    method: 'POST',
    body: '{}',
    headers: { 'content-type': 'application/json' },
  })
  await house.fetch(`/api/audit/calls?search=${encodeURIComponent('=1+1')}&nope=1`, house.adminToken)

  const csv = await exported(house, 'format=csv')

  expect(csv).not.toMatch(/(?:^|,)"?[=+@]/m)
})

test('an export breaks off where its text becomes long, and goes on with the next page', async () => {
  const house = await openTestHouse()
  const { upToDate, database } = house.gatehouse.store('audit') as never as {
    upToDate(): void
    database: { raw: BetterSqlite3.Database }
  }
  await house.fetch('/api/log', house.adminToken)
  upToDate()
  database.raw.exec(
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < 1900) insert into call select i, request_id, begun_at, caller_id, caller_name, user_id, token_id, auth_path, transport, 'long_tool', source, kind, effect, finished_at, outcome, stage, code, printf('%.1000c', 'x'), duration_ms, begun_seq, finished_seq, parent_id from call, n where call.id = (select max(id) from call)",
  )

  const first = (await (await house.fetch('/api/audit/export?tool=long_tool&limit=2000', house.adminToken)).json()) as Page
  const all = (await exported(house, 'tool=long_tool&limit=2000')).trimEnd().split('\n')

  expect(first.rows).toBeLessThan(1_900)
  expect(first.text.length).toBeLessThan(500_000)
  expect(new Set(all.map((line) => (JSON.parse(line) as { id: number }).id)).size).toBe(1_900)
})

test('verification through the door says where the chain ends, and finds that point again', async () => {
  const house = await openTestHouse({ onDisk: true })
  await house.fetch('/api/log', house.adminToken)
  const verify = async (query = '') =>
    (await house.fetch(`/api/audit/verification${query}`, house.adminToken)).json() as Promise<any>

  const first = await verify()
  const again = await verify(`?through=${first.stores[0].head}`)
  const wrong = await verify(`?through=${first.stores[0].head.replace(/.$/, (last: string) => (last === 'A' ? 'E' : 'A'))}`)

  expect(first).toMatchObject({ ok: true, stores: [{ store: 'audit', broken: null }, { store: 'request' }, { store: 'log' }] })
  expect(again).toMatchObject({ ok: true })
  expect(wrong).toMatchObject({
    ok: false,
    stores: [{ broken: { link: Number(first.stores[0].head.split(':')[0]) } }, { ok: true }, { ok: true }],
  })
})

test('what a caller sends as a secret is in no file of the data folder', async () => {
  const house = await openTestHouse({ onDisk: true })
  await house.fetch('/api/users', house.adminToken, {
    method: 'POST',
    body: JSON.stringify({ name: 'eve', password: 'zqCorrectHorse77battery' }),
    headers: { 'content-type': 'application/json' },
  })
  const [call] = await callsOf(house, 'tool=access_user_create')
  const detail = (await (await house.fetch(`/api/audit/calls/${call!['id']}`, house.adminToken)).json()) as {
    call: { request: unknown }
  }

  const folder = house.gatehouse.dataDir
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())

  expect(detail.call.request).toMatchObject({ name: 'eve', password: '[redacted]' })
  expect(files.length).toBeGreaterThan(4)
  for (const { parentPath, name } of files) {
    expect(readFileSync(join(parentPath, name)).includes('zqCorrectHorse77battery'), name).toBe(false)
  }
})
