import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { keepLogShort } from '../../queue/sqlite/keep-log-short.ts'
import { OPENING_PATIENCE_MS, PATIENCE_MS } from '../../queue/sqlite/patience.ts'
import { Fault } from '../contract/fault.ts'
import type { Stores } from '../contract/store.ts'
import { cacheStatements } from './statement-cache.ts'
import { storeFault } from './store-fault.ts'
import { type StoreWatch, watchStore } from './watch-store.ts'

/** One numbered step of a store's schema. Append only: a released step never changes. */
export interface Migration {
  readonly name: string
  // biome-ignore lint/suspicious/noExplicitAny: a migration sees whatever schema its time had, so no type can describe it
  up(db: Kysely<any>): Promise<void>
}

export interface Database<Schema> {
  readonly db: Kysely<Schema>
  /** For measured hot paths only; everything else goes through `db`, which also fits Postgres. */
  readonly raw: BetterSqlite3.Database
  close(): Promise<void>
}

interface DatabaseOptions {
  /** A file, or `:memory:`. */
  readonly path: string
  /** Where its writes are measured, and as whose; unmeasured without. */
  readonly watch?: { readonly stores: Stores; readonly name: string }
  readonly migrations: readonly Migration[]
  /** `FULL` survives a power cut with every commit, `NORMAL` (default) a crash of the process. */
  readonly synchronous?: 'NORMAL' | 'FULL'
}

interface MigrationTable {
  readonly gatehouse_migration: { number: number; name: string; applied_at: number }
}

/** Where a module's store lies: `<dataDir>/<module>.sqlite`, or memory where the data folder is `:memory:`. */
export const storePath = (house: { readonly dataDir: string }, module: string): string =>
  house.dataDir === ':memory:' ? ':memory:' : join(house.dataDir, `${module}.sqlite`)

/** The place of a module's store, and who looks after it where somebody does: `openDatabase({ ...storeOf(house, 'audit'), migrations })`. */
export const storeOf = (
  house: { readonly dataDir: string; readonly stores?: Stores },
  module: string,
): Pick<DatabaseOptions, 'path' | 'watch'> => ({
  path: storePath(house, module),
  ...(house.stores && { watch: { stores: house.stores, name: module } }),
})

/**
 * Open a store's database and bring its schema up to date.
 *
 * @throws TypeError when the file was written by a newer program than this, or SQLite cannot use it
 */
export async function openDatabase<Schema>(options: DatabaseOptions): Promise<Database<Schema>> {
  try {
    return await openFile(options)
  } catch (thrown) {
    throw storeFault(options.path, thrown)
  }
}

async function openFile<Schema>({ path, watch, migrations, synchronous = 'NORMAL' }: DatabaseOptions): Promise<Database<Schema>> {
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const raw = new BetterSqlite3(path)
  try {
    raw.pragma('journal_mode = WAL')
    raw.pragma(`synchronous = ${synchronous}`)
    raw.pragma(`busy_timeout = ${OPENING_PATIENCE_MS}`)
    raw.pragma('foreign_keys = ON')
  } catch (thrown) {
    raw.close()
    throw thrown
  }
  const store =
    watch && watchStore({ name: watch.name, path, raw, onWrite: (seconds) => watch.stores.wrote(watch.name, seconds) })
  if (store) timeTransactions(raw, store)
  const statements = cacheStatements(raw, store?.time ?? ((write) => write()))
  const db = new Kysely<Schema>({ dialect: new SqliteDialect({ database: statements.facade }) })
  try {
    await migrate(db as unknown as Kysely<MigrationTable>, migrations, path)
  } catch (thrown) {
    await db.destroy()
    throw thrown
  }
  statements.clear()
  raw.pragma(`busy_timeout = ${PATIENCE_MS}`)
  const leaveLog = keepLogShort(raw)
  const forget = store && watch.stores.add(store)
  return {
    db,
    raw,
    async close() {
      forget?.()
      await leaveLog()
      await db.destroy()
    },
  }
}

type Run = (...values: unknown[]) => unknown
type Transaction = Run & Record<(typeof MODES)[number], Run>

const MODES = ['default', 'deferred', 'immediate', 'exclusive'] as const

/** Hot paths write through `raw.transaction`, in one of its modes. */
function timeTransactions(raw: BetterSqlite3.Database, { time }: StoreWatch): void {
  const make = raw.transaction.bind(raw) as unknown as (work: Run) => Transaction
  const timed =
    (run: Run): Run =>
    (...values) =>
      time(() => run(...values))
  const makeTimed = (work: Run): Run => {
    const transaction = make(work)
    const modes = MODES.map((mode) => [mode, { value: timed(transaction[mode]) }] as const)
    return Object.defineProperties(timed(transaction), Object.fromEntries(modes))
  }
  raw.transaction = makeTimed as unknown as typeof raw.transaction
}

async function migrate(db: Kysely<MigrationTable>, migrations: readonly Migration[], path: string): Promise<void> {
  await db.schema
    .createTable('gatehouse_migration')
    .ifNotExists()
    .addColumn('number', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('applied_at', 'bigint', (column) => column.notNull())
    .execute()
  const applied = await db.selectFrom('gatehouse_migration').selectAll().orderBy('number').execute()
  if (applied.length > migrations.length) {
    throw new TypeError(
      `${path} was written by a newer Gatehouse: its schema is at step ${applied.length}, this program knows ${migrations.length}. Start the newer program, or restore a backup of the data folder.`,
    )
  }
  for (const [index, migration] of migrations.entries()) {
    if (index < applied.length) continue
    await db.transaction().execute(async (transaction) => {
      await migration.up(transaction)
      await transaction
        .insertInto('gatehouse_migration')
        .values({ number: index + 1, name: migration.name, applied_at: Date.now() })
        .execute()
    })
  }
}

/**
 * Judge an update that carried the optimistic lock (`where id = … and updated_at = …`).
 *
 * @throws Fault `conflict` when no row was changed
 */
export function requireUpdated(changedRows: bigint | number, what: string): void {
  if (Number(changedRows) === 0) {
    throw new Fault(
      'conflict',
      `${what} was changed by somebody else meanwhile. Read it again, and send the change with its new updatedAt.`,
    )
  }
}
