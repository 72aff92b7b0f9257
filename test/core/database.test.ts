import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Migration, openDatabase, requireUpdated, storePath } from '../../src/core/database.ts'

interface Schema {
  note: { id: number; text: string }
}

const first: Migration = {
  name: 'note',
  up: (db) =>
    db.schema
      .createTable('note')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('text', 'text')
      .execute(),
}
const second: Migration = {
  name: 'note-index',
  up: (db) => db.schema.createIndex('note_text').on('note').column('text').execute(),
}
const broken: Migration = {
  name: 'broken',
  async up(db) {
    await db.schema.createTable('half').addColumn('id', 'integer').execute()
    throw new Error('power cut')
  },
}

describe('a store on disk', () => {
  let folder: string
  let path: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-database-'))
    path = join(folder, 'deeper', 'note.sqlite')
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('that another program holds refuses a write before everybody who waits for the front notices', async () => {
    const { db, close } = await openDatabase<Schema>({ path, migrations: [first] })
    const other = new BetterSqlite3(path)
    other.exec('begin immediate')
    const begunAt = performance.now()

    await expect(db.insertInto('note').values({ id: 1, text: 'a' }).execute()).rejects.toMatchObject({ code: 'SQLITE_BUSY' })

    expect(performance.now() - begunAt).toBeLessThan(2_000)
    other.close()
    await close()
  })

  test('says which file it is that is no database, and what to do', async () => {
    path = join(folder, 'note.sqlite')
    writeFileSync(path, 'what a broken disk gives back, '.repeat(100))

    await expect(openDatabase({ path, migrations: [first] })).rejects.toThrow(
      new RegExp(`^${path}: it is damaged.* Restore it from a backup .*SQLITE_NOTADB`),
    )
  })

  test('says which file it is that cannot be opened', async () => {
    mkdirSync(path, { recursive: true })

    await expect(openDatabase({ path, migrations: [first] })).rejects.toThrow(`${path}: file or folder cannot be opened.`)
  })

  test('says that the disk is full also of a transaction, and goes on once there is room', async () => {
    const { db, raw, close } = await openDatabase<Schema>({ path, migrations: [first] })
    const insert = (id: number, text: string) =>
      db.transaction().execute((transaction) => transaction.insertInto('note').values({ id, text }).execute())
    const pages = Number(raw.pragma('page_count', { simple: true }))
    raw.pragma(`max_page_count = ${pages + 1}`)

    await expect(insert(1, 'x'.repeat(100_000))).rejects.toMatchObject({ code: 'SQLITE_FULL' })
    await insert(2, 'small')

    expect(await db.selectFrom('note').select('id').execute()).toEqual([{ id: 2 }])
    await close()
  })

  test('applies each migration once and keeps what was written', async () => {
    const before = await openDatabase<Schema>({ path, migrations: [first] })
    await before.db.insertInto('note').values({ id: 1, text: 'kept' }).execute()
    await before.close()

    const after = await openDatabase<Schema>({ path, migrations: [first, second] })

    expect(await after.db.selectFrom('note').selectAll().execute()).toEqual([{ id: 1, text: 'kept' }])
    expect(after.raw.pragma('journal_mode', { simple: true })).toBe('wal')
    await after.close()
  })

  test('refuses a file that a newer program wrote', async () => {
    const newer = await openDatabase<Schema>({ path, migrations: [first, second] })
    await newer.close()

    await expect(openDatabase<Schema>({ path, migrations: [first] })).rejects.toThrow(
      /written by a newer Gatehouse.*step 2, this program knows 1/,
    )
  })

  test('leaves nothing behind of a migration that failed half way', async () => {
    await expect(openDatabase<Schema>({ path, migrations: [first, broken] })).rejects.toThrow('power cut')

    const again = await openDatabase<Schema>({ path, migrations: [first, second] })
    const tables = again.raw.prepare("select name from sqlite_master where type = 'table' and name = 'half'").all()
    expect(tables).toEqual([])
    await again.close()
  })
})

test('a store lies in the data folder, or in memory', () => {
  expect(storePath({ dataDir: '/srv/data' }, 'access')).toBe('/srv/data/access.sqlite')
  expect(storePath({ dataDir: ':memory:' }, 'access')).toBe(':memory:')
})

test('an update that hit no row is a conflict', () => {
  expect(() => requireUpdated(0n, 'The user')).toThrow(expect.objectContaining({ code: 'conflict' }))
  expect(() => requireUpdated(1n, 'The user')).not.toThrow()
})
