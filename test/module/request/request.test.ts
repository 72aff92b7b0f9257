import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { HttpRow } from '../../../src/contract/request.ts'
import { purgeKeptRows } from '../../../src/core/kept-rows.ts'
import { verifyAudit } from '../../../src/module/audit/verify-audit.ts'
import {
  openRequestStore,
  RequestSettings,
  type RequestStore,
  requestRecorder,
} from '../../../src/module/request/request.store.ts'
import { listRequests, type RequestFilter } from '../../../src/module/request/request-list.ts'
import { openTestHouse } from '../../support.ts'
import { KEYS, NOW, plansOf, type TestWorld, temporaryFolder, testWorld } from '../audit/audit-house.ts'

const DAY_MS = 86_400_000

const httpRow = (over: Partial<HttpRow> = {}): HttpRow => ({
  requestId: 'r1',
  at: NOW,
  method: 'GET',
  path: '/api/tools',
  status: 200,
  durationMs: 1.5,
  authPath: 'token',
  callerId: 'user:1',
  callerName: 'ada',
  address: '127.0.0.1',
  userAgent: 'curl/8',
  ...over,
})

async function openStore(
  folder: string,
): Promise<{ world: TestWorld<RequestSettings>; store: RequestStore; record: (row: HttpRow) => void }> {
  const world = testWorld(folder, RequestSettings.parse({}))
  const store = await openRequestStore(world.house)
  return { world, store, record: requestRecorder(store) }
}

async function readAll(store: RequestStore, filter: RequestFilter): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await listRequests(store.upToDate(), filter, { limit: 37, cursor })
    ids.push(...page.rows.map(({ request_id }) => request_id))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return ids
}

function tamper(folder: string, sql: string): void {
  const raw = new BetterSqlite3(join(folder, 'request.sqlite'))
  raw.exec(sql)
  raw.close()
}

const report = async (folder: string) => (await verifyAudit(folder, KEYS)).stores.find(({ store }) => store === 'request')!

describe('the access log', () => {
  test('takes rows without waiting, and stores them in one transaction with one link', async () => {
    const folder = await temporaryFolder()
    const { store, record } = await openStore(folder)
    for (let requests = 0; requests < 100; requests += 1) record(httpRow({ requestId: `r${requests}` }))
    const rows = await store.upToDate().selectFrom('request').select('request_id').orderBy('id').execute()
    const links = await store.upToDate().selectFrom('chain').select('kind').execute()
    await store.close()

    expect(rows.map(({ request_id }) => request_id)).toEqual(Array.from({ length: 100 }, (_, index) => `r${index}`))
    expect(links).toEqual([{ kind: 'rows' }])
    expect(await report(folder)).toMatchObject({ ok: true, links: 1 })
  })

  test('stores rows by itself soon after they came', async () => {
    const { store, record } = await openStore(':memory:')
    record(httpRow())

    const stored = () => store.rows.stored
    await expect.poll(stored).toBe(1)
    await store.close()
  })

  test('never waits for a disk that takes nothing; keeps what it can hold, drops the rest, and says how much', async () => {
    const folder = await temporaryFolder()
    const { world, store, record } = await openStore(folder)
    const other = new BetterSqlite3(join(folder, 'request.sqlite'))
    other.exec('begin immediate')

    const started = performance.now()
    for (let requests = 0; requests < 5_000; requests += 1) record(httpRow({ requestId: `r${requests}` }))
    store.upToDate()
    const tookMs = performance.now() - started
    other.exec('commit')
    other.close()
    const rows = await store.upToDate().selectFrom('request').select('request_id').execute()
    await store.close()

    expect(tookMs).toBeLessThan(2_000)
    expect(rows).toHaveLength(4_096)
    expect(store.rows.dropped).toBe(904)
    expect(new Set(world.lines.map(({ event }) => event))).toEqual(new Set(['rows.write_failed', 'request.rows_dropped']))
    expect(await report(folder)).toMatchObject({ ok: true })
  })

  test.each([
    ['an edited row', "update request set status = 200 where request_id = 'r5'"],
    ['a removed row', "delete from request where request_id = 'r5'"],
    ['the removed last row', "delete from request where request_id = 'r9'"],
    [
      'an inserted row',
      `insert into request select ${NOW - 5}, at, request_id, method, path, status, duration_ms, auth_path, caller_id, caller_name, address, user_agent from request limit 1`,
    ],
    [
      'an appended row',
      `insert into request select ${NOW + 500}, at, request_id, method, path, status, duration_ms, auth_path, caller_id, caller_name, address, user_agent from request limit 1`,
    ],
    ['all rows removed with their link', 'delete from request; delete from chain'],
  ])('is found broken by verification after %s', async (_what, sql) => {
    const folder = await temporaryFolder()
    const { store, record } = await openStore(folder)
    for (let requests = 0; requests < 10; requests += 1) record(httpRow({ requestId: `r${requests}`, status: 403 }))
    await store.close()
    expect(await report(folder)).toMatchObject({ ok: true })

    tamper(folder, sql)

    expect(await report(folder)).toMatchObject({ ok: false, broken: { reason: expect.any(String) } })
  })

  test('keeps its chain whole whatever clients send', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 10 }), async (texts) => {
        const folder = await temporaryFolder()
        const { store, record } = await openStore(folder)
        for (const text of texts)
          record(httpRow({ path: `/${text}\0`, userAgent: `${text}\ud800`, requestId: text, method: text, callerName: text }))
        await store.close()

        expect(await report(folder)).toMatchObject({ ok: true, broken: undefined })
      }),
      { numRuns: 30 },
    )
  })

  test('keeps no secret of a path or a user agent', async () => {
    const { store, record } = await openStore(':memory:')
    record(httpRow({ path: '/mcp/sk-proj-abcdefghijklmnop1234', userAgent: 'x token=zq1' }))
    const rows = await store.upToDate().selectFrom('request').selectAll().execute()
    await store.close()

    expect(rows[0]).toMatchObject({ path: '/mcp/[redacted]', user_agent: 'x token=[redacted]' })
  })

  test('answers every filter over all its pages, newest first', async () => {
    const { store, record } = await openStore(':memory:')
    const rows = Array.from({ length: 300 }, (_, index) =>
      httpRow({
        requestId: `r${index}`,
        at: NOW + index * 10,
        status: [200, 401, 404][index % 3]!,
        method: index % 2 ? 'GET' : 'POST',
        callerId: index % 5 ? 'user:1' : undefined,
        authPath: index % 5 ? 'token' : 'none',
        path: `/api/thing/${index}`,
      }),
    )
    for (const row of rows) record(row)
    const idsOf = (fits: (row: HttpRow) => boolean) =>
      rows
        .filter(fits)
        .map(({ requestId }) => requestId)
        .reverse()

    expect(await readAll(store, {})).toEqual(idsOf(() => true))
    expect(await readAll(store, { status: 404 })).toEqual(idsOf(({ status }) => status === 404))
    expect(await readAll(store, { statusClass: 4, method: 'GET' })).toEqual(
      idsOf(({ status, method }) => status >= 400 && method === 'GET'),
    )
    expect(await readAll(store, { caller: 'user:1', status: 200 })).toEqual(
      idsOf(({ callerId, status }) => callerId !== undefined && status === 200),
    )
    expect(await readAll(store, { authPath: 'none' })).toEqual(idsOf(({ authPath }) => authPath === 'none'))
    expect(await readAll(store, { since: NOW + 500, until: NOW + 1_000 })).toEqual(
      idsOf(({ at }) => at >= NOW + 500 && at <= NOW + 1_000),
    )
    expect(await readAll(store, { search: 'THING/29' })).toEqual(idsOf(({ path }) => path.includes('thing/29')))
    await store.close()
  })

  test('asks the database only questions that an index answers in order', async () => {
    const { store } = await openStore(':memory:')
    const raw = store.raw

    const plans = await plansOf(raw, async () => {
      for (const filter of [
        {},
        { caller: 'user:1' },
        { status: 404 },
        { statusClass: 4 },
        { method: 'GET', since: NOW },
        { until: NOW },
        { search: 'x' },
        { caller: 'user:1', status: 200, until: NOW },
      ] as const) {
        await listRequests(store.upToDate(), filter, { limit: 10, cursor: undefined })
      }
    })
    await store.close()

    expect(plans.length).toBeGreaterThan(8)
    for (const { sql, plan } of plans) {
      expect({ sql, plan }).toEqual({
        sql,
        plan: [expect.stringMatching(/^SEARCH \w+ USING (?:COVERING )?(?:INDEX|INTEGER PRIMARY KEY)/)],
      })
    }
  })

  test('forgets rows past their time, and its chain stays good', async () => {
    const folder = await temporaryFolder()
    const { world, store, record } = await openStore(folder)
    for (let day = 0; day < 60; day += 1) {
      record(httpRow({ at: NOW + day * DAY_MS, requestId: `day ${day}` }))
      store.upToDate()
    }
    world.now = NOW + 59 * DAY_MS
    const service = purgeKeptRows('request')(store)
    await service.start()
    await expect.poll(() => world.lines.map(({ event }) => event)).toContain('request.purged')
    await service.stop()
    const rows = await store.upToDate().selectFrom('request').select('request_id').orderBy('id').execute()
    await store.close()

    expect(rows.map(({ request_id }) => request_id)).toEqual(Array.from({ length: 31 }, (_, index) => `day ${index + 29}`))
    expect(await report(folder)).toMatchObject({ ok: true, purged: 29 })
    tamper(folder, "delete from request where request_id = 'day 29'; delete from chain where seq = 30")
    expect(await report(folder)).toMatchObject({ ok: false })
  })

  test('holds one row per request with the way the caller was authenticated, refused requests included', async () => {
    const house = await openTestHouse()
    await house.fetch('/api/tools', house.adminToken)
    await house.fetch('/api/tools', 'st_nonsense')
    await house.fetch('/health', undefined)

    const reply = await house.fetch('/api/requests', house.adminToken)
    const { requests } = (await reply.json()) as { requests: Record<string, unknown>[] }

    expect(requests.map(({ path, status, authPath }) => [path, status, authPath])).toEqual([
      ['/health', 200, 'none'],
      ['/api/tools', 401, 'none'],
      ['/api/tools', 200, 'token'],
    ])
  })
})
