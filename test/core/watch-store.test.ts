import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { type Migration, openDatabase } from '../../src/core/database.ts'
import { createMeter } from '../../src/core/meter.ts'
import { createStores } from '../../src/core/stores.ts'

const note: Migration = {
  name: 'note',
  up: (db) =>
    db.schema
      .createTable('note')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .execute(),
}

async function openWatched() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-watch-'))
  const path = join(folder, 'note.sqlite')
  const meter = createMeter()
  const stores = createStores(meter)
  const database = await openDatabase<{ note: { id: number } }>({ path, watch: { stores, name: 'note' }, migrations: [note] })
  onTestFinished(async () => {
    await database.close()
    rmSync(folder, { recursive: true })
  })
  const writes = () => stores.states()[0]!.writes
  /** How many writes something counts as. */
  const counted = async (work: () => unknown): Promise<number> => {
    const before = writes()
    await work()
    return writes() - before
  }
  return { ...database, stores, meter, path, counted }
}

test('a write counts once, whichever way it goes; a read does not', async () => {
  const { db, raw, counted } = await openWatched()
  const insert = (id: number) => db.insertInto('note').values({ id })
  const rawInsert = raw.prepare('insert into note (id) values (?)')
  const both = raw.transaction((a: number, b: number) => [rawInsert.run(a), rawInsert.run(b)])

  expect(await counted(() => insert(1).execute())).toBe(1)
  expect(await counted(() => insert(2).returning('id').execute())).toBe(1)
  expect(await counted(() => db.selectFrom('note').selectAll().execute())).toBe(0)
  expect(
    await counted(() =>
      db.transaction().execute(async (transaction) => {
        for (const id of [3, 4, 5]) await transaction.insertInto('note').values({ id }).execute()
      }),
    ),
  ).toBe(1)
  expect(await counted(() => both(6, 7))).toBe(1)
  expect(await counted(() => both.immediate(8, 9))).toBe(1)
  expect(raw.prepare('select count(*) as count from note').get()).toEqual({ count: 9 })
})

test('a probe of a store that somebody else holds tells so at once, and counts it', async () => {
  const { stores, path } = await openWatched()
  const other = new BetterSqlite3(path)
  onTestFinished(() => void other.close())
  expect(await stores.probe()).toMatchObject([{ name: 'note', fault: null }])
  other.exec('begin immediate')

  const [held] = await stores.probe()

  expect(held).toMatchObject({ fault: 'SQLITE_BUSY' })
  expect(held!.slowestMs).toBeLessThan(1_000)
  expect(stores.states()).toMatchObject([{ busy: 1, failed: 1 }])
  other.exec('rollback')
  expect(await stores.probe()).toMatchObject([{ fault: null }])
})

test('a probe leaves the schema and its patience as they were', async () => {
  const { stores, raw } = await openWatched()
  raw.pragma('user_version = 7')

  await stores.probe()

  expect(raw.pragma('user_version', { simple: true })).toBe(7)
  expect(raw.pragma('busy_timeout', { simple: true })).toBe(250)
})

test('a probe does not meddle with a transaction that is open', async () => {
  const { db, stores } = await openWatched()

  await db.transaction().execute(async (transaction) => {
    await transaction.insertInto('note').values({ id: 1 }).execute()
    expect(await stores.probe()).toMatchObject([{ fault: null }])
  })

  expect(await db.selectFrom('note').selectAll().execute()).toEqual([{ id: 1 }])
})

test('a constraint that is violated is no fault of the file', async () => {
  const { db, stores } = await openWatched()
  const insert = () => db.insertInto('note').values({ id: 1 }).execute()
  await insert()

  await expect(insert()).rejects.toThrow('UNIQUE')

  expect(stores.states()).toMatchObject([{ busy: 0, failed: 0 }])
})

test('a store that is closed is looked after no more', async () => {
  const { stores } = await openWatched()
  const second = await openDatabase({ path: ':memory:', watch: { stores, name: 'second' }, migrations: [] })
  expect(stores.states().map(({ name }) => name)).toEqual(['note', 'second'])

  await second.close()

  expect(stores.states().map(({ name }) => name)).toEqual(['note'])
})
