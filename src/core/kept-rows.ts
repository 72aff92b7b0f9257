import type BetterSqlite3 from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { House } from '../contract/house.ts'
import type { Closable, Service } from '../contract/module.ts'
import { Chain, type ChainTables, chainMigration } from './chain.ts'
import { ChainedRows, type LogRow } from './chained-rows.ts'
import { type Migration, openDatabase, storeOf } from './database.ts'
import { hourly } from './hourly.ts'

const DAY_MS = 86_400_000

/** The setting of a store whose rows are kept for a while. */
export const Retention = { retentionDays: z.int().min(1).max(3_650).default(30).describe('Days that rows are kept.') } as const

type KeptSettings = z.output<z.ZodObject<typeof Retention>>

/** A store of one table that only ever grows, chained, so that nobody can change its rows unseen. */
export interface KeptRows<Settings extends KeptSettings, Tables, Row extends LogRow> extends Closable {
  readonly house: House<Settings>
  readonly raw: BetterSqlite3.Database
  readonly rows: ChainedRows<Row>
  /** Stores what waits before something is read. */
  upToDate(): Kysely<Tables>
}

interface Parts<Row> {
  /** Of the module; its file, its key and its events are named after it. */
  readonly name: string
  /** The step that creates the table. */
  readonly migration: Migration
  readonly table: string
  /** In the order in which the chain covers them. Append only. */
  readonly columns: readonly (keyof Row & string)[]
}

/** Open such a store. @throws TypeError when the file was written by a newer program than this */
export async function openKeptRows<Settings extends KeptSettings, Tables extends ChainTables, Row extends LogRow>(
  house: House<Settings>,
  { name, migration, table, columns }: Parts<Row>,
): Promise<KeptRows<Settings, Tables, Row>> {
  const { db, raw, close } = await openDatabase<Tables>({ ...storeOf(house, name), migrations: [chainMigration, migration] })
  const chain = new Chain(raw, house.keys.derive('ACCESS_CONTROL_KEY', `${name}-chain`))
  if (!chain.intact) house.log.error({}, `${name}.head_not_intact`)
  const rows = new ChainedRows<Row>({ raw, chain, table, columns, log: house.log, droppedEvent: `${name}.rows_dropped` })
  return {
    house,
    raw,
    rows,
    upToDate() {
      rows.flush()
      return db
    },
    async close() {
      rows.close()
      await close()
    },
  }
}

/** Purges rows that are too old, at the start and every hour. */
export const purgeKeptRows =
  (name: string) =>
  <Settings extends KeptSettings, Tables, Row extends LogRow>({ house, rows }: KeptRows<Settings, Tables, Row>): Service =>
    hourly(house, `${name}.purge_failed`, async (nowMs, signal) => {
      const purged = await rows.purge(nowMs - house.settings.retentionDays * DAY_MS, nowMs, signal)
      if (purged > 0) house.log.info({ rows: purged }, `${name}.purged`)
    })
