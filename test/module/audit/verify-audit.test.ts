import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import { Chain } from '../../../src/core/chain.ts'
import { openDatabase } from '../../../src/core/database.ts'
import { createKeys } from '../../../src/core/keys.ts'
import { openAuditStore } from '../../../src/module/audit/audit.store.ts'
import { type AuditTables, auditMigrations, CALL_COLUMNS, callEnd, callStart } from '../../../src/module/audit/call-record.ts'
import { type StoreReport, verifyAudit } from '../../../src/module/audit/verify-audit.ts'
import { auditSettings, endingOf, KEYS, NOW, temporaryFolder, testWorld, visitOf } from './audit-house.ts'

/** A data folder with calls 1 to 5, the third refused, the fifth as a part of the fourth. Links: 1 b1, 2 f1, 3 b2, 4 f2, 5 b3, 6 f3, 7 b4, 8 b5, 9 f5, 10 f4. */
async function folderWithCalls(): Promise<{ folder: string; ids: readonly number[] }> {
  const folder = await temporaryFolder()
  const world = testWorld(folder, auditSettings())
  const store = await openAuditStore(world.house)
  const visits = Array.from({ length: 5 }, (_, index) =>
    visitOf(world, { id: NOW + index, arguments: { number: index + 1 }, ...(index === 4 && { parentId: NOW + 3 }) }),
  )
  const [first, second, third, fourth, fifth] = visits
  for (const visit of [first!, second!]) {
    store.journal.begin(visit)
    store.journal.finish(visit, endingOf())
  }
  store.journal.begin(third!)
  store.journal.finish(third!, endingOf({ outcome: 'forbidden', code: 'forbidden', stage: 'permit', answer: undefined }))
  store.journal.begin(fourth!)
  store.journal.begin(fifth!)
  store.journal.finish(fifth!, endingOf())
  store.journal.finish(fourth!, endingOf())
  await store.close()
  return { folder, ids: visits.map(({ id }) => id) }
}

/** The folder of a program that knew of no parents: one call that ended, one in flight. @returns their ids */
async function leaveOldFolder(folder: string): Promise<readonly [number, number]> {
  const path = join(folder, 'audit.sqlite')
  const database = await openDatabase<AuditTables>({ path, migrations: auditMigrations.slice(0, -1) })
  const chain = new Chain(database.raw, KEYS.derive('ACCESS_CONTROL_KEY', 'audit-chain'))
  const world = testWorld(folder, auditSettings())
  const startOf = (id: number) => {
    const { parent_id: _, ...start } = callStart(visitOf(world, { id }), 0)
    return start
  }
  const begin = (id: number) =>
    chain.link({ at: NOW, kind: 'begun', ref: id, content: JSON.stringify(startOf(id)), payload: null })
  const begun = [begin(NOW), begin(NOW + 1)]
  const row = { ...startOf(NOW), ...callEnd(endingOf(), NOW), begun_seq: 1, finished_seq: 3 }
  const columns = CALL_COLUMNS.slice(0, 21) as (keyof typeof row)[]
  const values = columns.map((column) => row[column])
  const finished = chain.link({ at: NOW, kind: 'finished', ref: NOW, content: null, payload: null }, () => JSON.stringify(values))
  chain.commit((pen) => {
    for (const link of [...begun, finished]) pen.put(link)
  })
  database.raw.prepare(`insert into call (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`).run(values)
  await database.close()
  return [NOW, NOW + 1]
}

async function verified(folder: string, through?: StoreReport['head']): Promise<StoreReport> {
  const report = await verifyAudit(folder, KEYS, { through })
  expect(report.ok).toBe(report.stores.every(({ ok }) => ok))
  return report.stores.find(({ store }) => store === 'audit')!
}

/** Change the file as somebody with access to the disk would. */
function tamper(folder: string, sql: string): void {
  const raw = new BetterSqlite3(join(folder, 'audit.sqlite'))
  raw.exec(sql)
  raw.close()
}

describe('verification of the audit', () => {
  test('finds a folder good that nobody touched, and says where its chain ends', async () => {
    const { folder } = await folderWithCalls()

    expect(await verified(folder)).toMatchObject({
      ok: true,
      links: 10,
      purged: 0,
      waiting: 0,
      broken: undefined,
      head: { seq: 10 },
    })
  })

  test('finds a file that is no database any more, and one that was taken away', async () => {
    const { folder } = await folderWithCalls()
    cpSync(join(folder, 'audit.sqlite'), join(folder, 'log.sqlite'))
    writeFileSync(join(folder, 'audit.sqlite'), 'x'.repeat(10_000))

    const { ok, stores } = await verifyAudit(folder, KEYS)

    expect(ok).toBe(false)
    expect(stores.map(({ store, broken }) => [store, broken?.reason])).toEqual([
      ['audit', expect.stringContaining('SQLITE_NOTADB')],
      ['request', expect.stringContaining('is not there')],
      ['log', expect.any(String)],
    ])
  })

  test('finds a folder good that began before calls had parents, and takes over what was in flight then', async () => {
    const folder = await temporaryFolder()
    const [ended, open] = await leaveOldFolder(folder)

    const world = testWorld(folder, auditSettings())
    const store = await openAuditStore(world.house)
    const rows = await store.upToDate().selectFrom('call').select(['id', 'outcome', 'parent_id']).orderBy('id').execute()
    await store.close()

    expect(rows).toEqual([
      { id: ended, outcome: 'ok', parent_id: null },
      { id: open, outcome: 'interrupted', parent_id: null },
    ])
    expect(await verified(folder)).toMatchObject({ ok: true, links: 4 })
  })

  test.each([
    ['an edited outcome', "update call set outcome = 'ok', code = null where outcome = 'forbidden'", { seq: 6, id: NOW + 2 }],
    ['an edited caller', "update call set caller_id = 'user:9' where id = (select min(id) from call)", { seq: 2, id: NOW }],
    ['an edited time', 'update call set begun_at = begun_at + 1 where id = (select max(id) from call)', { seq: 9, id: NOW + 4 }],
    ['a parent put in', `update call set parent_id = ${NOW} where id = ${NOW + 1}`, { seq: 4, id: NOW + 1 }],
    ['a parent taken away', 'update call set parent_id = null', { seq: 9, id: NOW + 4 }],
    ['an edited beginning', "update chain set content = replace(content, 'ada', 'bob') where seq = 3", { seq: 3, id: NOW + 1 }],
    ['an edited argument', 'update chain set payload = \'{"number":7}\' where seq = 7', { seq: 7, id: NOW + 3 }],
    ['an argument and its digest edited', "update chain set payload = '{}', digest = 'x' where seq = 7", { seq: 7, id: NOW + 3 }],
    ['a removed argument', 'update chain set payload = null where seq = 7', { seq: 7, id: NOW + 3 }],
    ['edited spans', "update chain set content = '[]' where seq = 2", { seq: 2, id: NOW }],
    ['a removed row', 'delete from call where id = (select min(id) from call)', { seq: 2, id: NOW }],
    ['a removed link', 'delete from chain where seq = 5', { seq: 5 }],
    ['a removed first link', 'delete from chain where seq = 1', { seq: 1 }],
    ['a call removed with its links', `delete from call where id = ${NOW}; delete from chain where ref = ${NOW}`, { seq: 1 }],
    ['the last links cut off', 'delete from chain where seq > 8', { seq: 9 }],
    [
      'the last links cut off and the head moved back',
      'delete from chain where seq > 9; update chain_head set seq = 9, mac = (select mac from chain where seq = 9)',
      {},
    ],
    ['a removed head', 'delete from chain_head', {}],
    ['a text where bytes stood', "update chain set mac = 'x' where seq = 5", { seq: 5 }],
    ['a removed table', 'drop table call', {}],
    ['a floor moved up', 'delete from chain where seq <= 2; update chain_head set floor_seq = 2', {}],
    [
      'an inserted call',
      `insert into call select ${NOW + 90}, request_id, begun_at, caller_id, caller_name, user_id, token_id, auth_path, transport, tool, source, kind, effect, finished_at, outcome, stage, code, message, duration_ms, begun_seq, finished_seq, parent_id from call limit 1`,
      { id: NOW + 90 },
    ],
    [
      'an inserted link',
      'insert into chain select 11, at, kind, ref, content, payload, digest, mac from chain where seq = 10',
      { seq: 11 },
    ],
    [
      'two links exchanged',
      'update chain set seq = 100 where seq = 3; update chain set seq = 3 where seq = 4; update chain set seq = 4 where seq = 100',
      { seq: 3 },
    ],
    [
      'a link renumbered over a removed one',
      'delete from chain where seq = 4; update chain set seq = seq - 1 where seq > 4; update chain_head set seq = 9',
      {},
    ],
  ])('finds %s', async (_what, sql, where) => {
    const { folder } = await folderWithCalls()
    tamper(folder, sql)

    const report = await verified(folder)

    expect(report.ok).toBe(false)
    expect(report.broken).toMatchObject({ ...where, reason: expect.any(String) })
  })

  test('finds a whole older state that was put back, when a point was written down elsewhere', async () => {
    const { folder } = await folderWithCalls()
    const world = testWorld(folder, auditSettings())
    const backup = await temporaryFolder()
    cpSync(folder, backup, { recursive: true })
    const store = await openAuditStore(world.house)
    const visit = visitOf(world, { id: NOW + 50 })
    store.journal.begin(visit)
    store.journal.finish(visit, endingOf())
    await store.close()
    const { head } = await verified(folder)
    rmSync(folder, { recursive: true })
    cpSync(backup, folder, { recursive: true })

    expect(await verified(folder)).toMatchObject({ ok: true })
    expect(await verified(folder, head)).toMatchObject({ ok: false, broken: { seq: 11 } })
  })

  test('accepts a point that the chain passed through, and no other', async () => {
    const { folder } = await folderWithCalls()
    const raw = new BetterSqlite3(join(folder, 'audit.sqlite'), { readonly: true })
    const { mac } = raw.prepare('select mac from chain where seq = 4').get() as { mac: Buffer }
    raw.close()

    expect(await verified(folder, { seq: 4, mac })).toMatchObject({ ok: true })
    expect(await verified(folder, { seq: 5, mac })).toMatchObject({ ok: false, broken: { seq: 5 } })
  })

  test('says when the key is not the one that the records were written with', async () => {
    const { folder } = await folderWithCalls()
    const otherKeys = createKeys({
      SECRET_KEY_BASE: 'a'.repeat(64),
      COOKIE_SALT: 'b'.repeat(64),
      ACCESS_CONTROL_KEY: 'd'.repeat(64),
    })

    const report = await verifyAudit(folder, otherKeys)

    expect(report.stores[0]?.broken?.reason).toContain('ACCESS_CONTROL_KEY')
  })

  test('counts what a killed process left in its journal, and finds an edit of it', async () => {
    const { folder } = await folderWithCalls()
    const world = testWorld(folder, auditSettings())
    const store = await openAuditStore(world.house)
    store.journal.begin(visitOf(world, { id: NOW + 50, arguments: { path: '/a/b' } }))
    const left = await temporaryFolder()
    cpSync(folder, left, { recursive: true })
    await store.close()

    expect(await verified(left)).toMatchObject({ ok: true, links: 10, waiting: 1 })
    const journal = join(left, 'audit.journal')
    writeFileSync(journal, readFileSync(journal, 'utf8').replace('/a/b', '/c/d'))
    expect(await verified(left)).toMatchObject({ ok: false, broken: { seq: 11, id: expect.any(Number) } })
  })

  test('runs beside a gateway that goes on writing', async () => {
    const { folder } = await folderWithCalls()
    const world = testWorld(folder, auditSettings())
    const store = await openAuditStore(world.house)
    const write = (count: number): void => {
      for (let calls = 0; calls < count; calls += 1) {
        const visit = visitOf(world)
        store.journal.begin(visit)
        store.journal.finish(visit, endingOf())
      }
      store.journal.drain()
    }
    write(300)

    const reports: boolean[] = []
    for (let round = 0; round < 20; round += 1) {
      const verifying = verified(folder)
      write(20)
      reports.push((await verifying).ok)
    }
    await store.close()

    expect(reports).toEqual(Array.from({ length: 20 }, () => true))
    expect(await verified(folder)).toMatchObject({ ok: true, links: 10 + 2 * (300 + 400) })
  })

  test('tells the operator at the start when the head was tampered with', async () => {
    const { folder } = await folderWithCalls()
    tamper(folder, 'update chain_head set seq = 9, mac = (select mac from chain where seq = 9); delete from chain where seq = 10')
    const world = testWorld(folder, auditSettings())

    await (await openAuditStore(world.house)).close()

    expect(world.lines.filter(({ level }) => level === 'error').map(({ event }) => event)).toEqual(['audit.head_not_intact'])
  })
})
