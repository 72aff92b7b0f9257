import { describe, expect, test } from 'vitest'
import { type AuditStore, openAuditStore } from '../../../src/module/audit/audit.store.ts'
import { type CallFilter, type ListedCall, listCalls } from '../../../src/module/audit/call-list.ts'
import { partsOf } from '../../../src/module/audit/parts.ts'
import { runningCalls } from '../../../src/module/audit/shown-call.ts'
import { auditSettings, endingOf, NOW, plansOf, testWorld, visitOf } from './audit-house.ts'

const TOOLS = ['files__read', 'files__write', 'echo__say', 'upstream_list']
const OUTCOMES = ['ok', 'ok', 'ok', 'forbidden', 'tool_error'] as const
const TRANSPORTS = ['mcp', 'rest', 'web'] as const

/** Calls of many kinds, one per 10 ms; the last two still run. */
async function storeWithCalls(count: number): Promise<AuditStore> {
  const world = testWorld(':memory:', auditSettings())
  const store = await openAuditStore(world.house)
  for (let index = 0; index < count; index += 1) {
    world.now = NOW + index * 10
    const tool = TOOLS[index % TOOLS.length]!
    const visit = visitOf(world, {
      ...(index % 10 === 9 && { parentId: NOW + (index - (index % 50)) * 10 }),
      kind: index % 10 === 9 ? 'request' : 'dynamic',
      tool,
      source: tool.split('_')[0]!,
      caller: `user:${index % 7}`,
      transport: TRANSPORTS[index % 3]!,
      effect: tool.includes('write') ? 'write' : 'read',
    })
    store.journal.begin(visit)
    const outcome = OUTCOMES[index % OUTCOMES.length]!
    const message = outcome === 'forbidden' ? `No 100%_right for number ${index}` : undefined
    if (index < count - 2) store.journal.finish(visit, endingOf({ outcome, message }))
    if (index % 1_000 === 0) store.upToDate()
  }
  return store
}

async function readAll(store: AuditStore, filter: CallFilter, limit: number): Promise<number[]> {
  const ids: number[] = []
  let cursor: string | undefined
  do {
    const page = await listCalls({ db: store.upToDate(), running: runningCalls(store) }, filter, { limit, cursor })
    ids.push(...page.rows.map(({ id }) => id))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return ids
}

/** The same question, answered without an index, a window or a cursor. */
async function judgeAll(store: AuditStore, filter: CallFilter): Promise<number[]> {
  const rows: ListedCall[] = [...(await store.upToDate().selectFrom('call').selectAll().execute()), ...runningCalls(store)]
  const fits = rows.filter((row) => {
    const outcome = row.outcome ?? 'running'
    const text = [row.tool, row.caller_name, row.request_id, row.message ?? ''].join('\n').toLowerCase()
    return (
      (filter.caller ?? row.caller_id) === row.caller_id &&
      (filter.tool ?? row.tool) === row.tool &&
      (filter.source ?? row.source) === row.source &&
      (filter.transport ?? row.transport) === row.transport &&
      (filter.effect ?? row.effect) === row.effect &&
      (filter.outcome === undefined ||
        filter.outcome === outcome ||
        (filter.outcome === 'failed' && !['ok', 'running'].includes(outcome))) &&
      (filter.kind ?? row.kind) === row.kind &&
      (filter.parentId ?? row.parent_id) === row.parent_id &&
      (!filter.nested || row.parent_id === null || row.transport === 'web') &&
      row.begun_at >= (filter.since ?? 0) &&
      row.begun_at <= (filter.until ?? Number.MAX_SAFE_INTEGER) &&
      text.includes((filter.search ?? '').toLowerCase())
    )
  })
  return fits.map(({ id }) => id).sort((a, b) => b - a)
}

const FILTERS: CallFilter[] = [
  {},
  { caller: 'user:3' },
  { tool: 'echo__say' },
  { source: 'files' },
  { outcome: 'ok' },
  { outcome: 'forbidden' },
  { outcome: 'failed' },
  { outcome: 'running' },
  { transport: 'rest' },
  { effect: 'write' },
  { since: NOW + 4_000 },
  { until: NOW + 4_000 },
  { since: NOW + 1_000, until: NOW + 2_000 },
  { search: 'NUMBER 1' },
  { search: '100%_right' },
  { search: 'no such text' },
  { caller: 'user:3', tool: 'echo__say', outcome: 'failed' },
  { source: 'files', transport: 'mcp', effect: 'read', since: NOW + 500 },
  { outcome: 'tool_error', caller: 'user:2', search: 'files' },
  { outcome: 'running', caller: 'user:1' },
  { outcome: 'cancelled' },
  { kind: 'request' },
  { parentId: NOW + 500 },
  { parentId: NOW + 500, outcome: 'ok', search: 'e' },
  { nested: true },
  { nested: true, outcome: 'failed' },
]

describe('the list of calls', () => {
  test('answers every filter as a look at each row would, over all its pages', async () => {
    const store = await storeWithCalls(2_500)

    for (const filter of FILTERS) {
      expect({ filter, ids: await readAll(store, filter, 190) }).toEqual({ filter, ids: await judgeAll(store, filter) })
    }
    await store.close()
  })

  test('shows the first parts under a call, also those that still run, in the order in which they began', async () => {
    const world = testWorld(':memory:', auditSettings())
    const store = await openAuditStore(world.house)
    const parent = visitOf(world)
    store.journal.begin(parent)
    const parts = Array.from({ length: 12 }, () => visitOf(world, { kind: 'request', parentId: parent.id }))
    const ofConsole = visitOf(world, { parentId: parent.id, transport: 'web' })
    for (const part of [...parts, ofConsole]) store.journal.begin(part)
    for (const part of parts.slice(0, 3)) store.journal.finish(part, endingOf())

    const source = () => ({ db: store.upToDate(), running: runningCalls(store) })
    const [early, whole] = [await partsOf(source(), parent.id), await partsOf(source(), parts[0]!.id)]
    for (const part of parts.slice(3)) store.journal.finish(part, endingOf())
    const late = await partsOf(source(), parent.id)
    await store.close()

    const first = parts.slice(0, 10).map(({ id }) => id)
    expect([early.calls.map(({ id }) => id), early.more]).toEqual([first, true])
    expect([late.calls.map(({ id }) => id), late.more]).toEqual([first, true])
    expect(whole).toEqual({ calls: [], more: false })
  })

  test('stops after many rows in vain, and says where to go on', async () => {
    const store = await storeWithCalls(2)
    store.upToDate()
    const insert = store.database.raw.prepare(
      "insert into call select id + ?, request_id, begun_at, caller_id, caller_name, user_id, token_id, auth_path, transport, tool, source, kind, effect, begun_at, 'ok', null, null, null, 1, 1, 1, null from (select * from call limit 1)",
    )
    const seed = await storeWithCalls(3)
    const row = (await seed.upToDate().selectFrom('call').selectAll().execute())[0]!
    await seed.close()
    store.database.raw
      .prepare(
        `insert into call (${Object.keys(row).join(', ')}) values (${Object.keys(row)
          .map(() => '?')
          .join(', ')})`,
      )
      .run(Object.values(row))
    store.database.raw.transaction(() => {
      for (let shift = 1; shift <= 100_500; shift += 1) insert.run(shift)
    })()

    const page = await listCalls({ db: store.database.db, running: [] }, { search: 'nowhere' }, { limit: 10, cursor: undefined })
    const rest = await listCalls(
      { db: store.database.db, running: [] },
      { search: 'nowhere' },
      { limit: 10, cursor: page.nextCursor! },
    )
    await store.close()

    expect(page).toEqual({ rows: [], nextCursor: String(NOW + 502) })
    expect(rest).toEqual({ rows: [], nextCursor: null })
  })

  test('asks the database only questions that an index answers in order', async () => {
    const store = await storeWithCalls(500)
    const plans = await plansOf(store.database.raw, async () => {
      for (const filter of FILTERS) await readAll(store, filter, 190)
      await partsOf({ db: store.upToDate(), running: [] }, NOW)
    })
    await store.close()

    expect(plans.length).toBeGreaterThan(15)
    for (const { sql, plan } of plans) {
      expect({ sql, plan }).toEqual({
        sql,
        plan: [expect.stringMatching(/^SEARCH call USING (?:COVERING )?(?:INDEX|INTEGER PRIMARY KEY)/)],
      })
    }
  })
})
