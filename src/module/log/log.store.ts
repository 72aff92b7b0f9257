import type BetterSqlite3 from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { z } from 'zod'
import type { House } from '../../contract/house.ts'
import type { Closable, Service } from '../../contract/module.ts'
import { Chain, type ChainTables, chainMigration } from '../../core/chain.ts'
import { ChainedRows } from '../../core/chained-rows.ts'
import { type Migration, openDatabase, storeOf } from '../../core/database.ts'
import { hourly } from '../../core/hourly.ts'

/** `[log]`: which lines of the server log are kept, and how long. */
export const LogSettings = z.strictObject({
  retentionDays: z.int().min(1).max(3_650).default(30).describe('Days that lines are kept.'),
  level: z
    .enum(['debug', 'info', 'warn'])
    .default('info')
    .describe('Lines of this level and above are kept; warnings and errors always.'),
})

export type LogSettings = z.output<typeof LogSettings>

/** Levels as pino numbers them. */
export const LEVELS = { debug: 20, info: 30, warn: 40, error: 50 } as const

export type Level = keyof typeof LEVELS

/** One line of the server log. */
export interface LineRow {
  readonly id: number
  readonly at: number
  /** One of the numbers in `LEVELS`. */
  readonly level: number
  readonly event: string
  readonly request_id: string | null
  /** The upstream that the line is about or that wrote it. */
  readonly upstream: string | null
  /** The other fields as JSON, redacted. */
  readonly fields: string
}

export interface LogTables extends ChainTables {
  readonly line: LineRow
}

/** The server log at run time. */
export interface LogStore extends Closable {
  readonly house: House<LogSettings>
  readonly raw: BetterSqlite3.Database
  readonly rows: ChainedRows<LineRow>
  /** Stores what waits before something is read. */
  upToDate(): Kysely<LogTables>
}

/** In the order in which the chain covers them. Append only. */
const COLUMNS = ['id', 'at', 'level', 'event', 'request_id', 'upstream', 'fields'] as const satisfies readonly (keyof LineRow)[]

const DAY_MS = 86_400_000

const migrations: readonly Migration[] = [
  chainMigration,
  {
    name: 'line',
    async up(db) {
      await db.schema
        .createTable('line')
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('at', 'bigint', (column) => column.notNull())
        .addColumn('level', 'integer', (column) => column.notNull())
        .addColumn('event', 'text', (column) => column.notNull())
        .addColumn('request_id', 'text')
        .addColumn('upstream', 'text')
        .addColumn('fields', 'text', (column) => column.notNull())
        .execute()
      for (const column of ['at', 'level', 'upstream', 'request_id']) {
        await db.schema.createIndex(`line_${column}`).on('line').columns([column, 'id']).execute()
      }
    },
  },
]

/** Open the kept server log. @throws TypeError when the file was written by a newer program than this */
export async function openLogStore(house: House<LogSettings>): Promise<LogStore> {
  const { db, raw, close } = await openDatabase<LogTables>({ ...storeOf(house, 'log'), migrations })
  const chain = new Chain(raw, house.keys.derive('ACCESS_CONTROL_KEY', 'log-chain'))
  if (!chain.intact) house.log.error({}, 'log.head_not_intact')
  const rows = new ChainedRows<LineRow>({
    raw,
    chain,
    table: 'line',
    columns: COLUMNS,
    log: house.log,
    droppedEvent: 'log.lines_dropped',
  })
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

/** Purges at the start and every hour. */
export const logService = ({ house, rows }: LogStore): Service =>
  hourly(house, 'log.purge_failed', async (nowMs, signal) => {
    const purged = await rows.purge(nowMs - house.settings.retentionDays * DAY_MS, nowMs, signal)
    if (purged > 0) house.log.info({ lines: purged }, 'log.purged')
  })
