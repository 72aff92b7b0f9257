import { z } from 'zod'
import type { House } from '../../contract/house.ts'
import type { ChainTables } from '../../core/chain.ts'
import type { Migration } from '../../core/database.ts'
import { type KeptRows, openKeptRows, Retention } from '../../core/kept-rows.ts'

/** `[log]`: which lines of the server log are kept, and how long. */
export const LogSettings = z.strictObject({
  ...Retention,
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
export type LogStore = KeptRows<LogSettings, LogTables, LineRow>

/** In the order in which the chain covers them. Append only. */
const COLUMNS = ['id', 'at', 'level', 'event', 'request_id', 'upstream', 'fields'] as const satisfies readonly (keyof LineRow)[]

const migration: Migration = {
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
}

/** Open the kept server log. @throws TypeError when the file was written by a newer program than this */
export const openLogStore = (house: House<LogSettings>): Promise<LogStore> =>
  openKeptRows(house, { name: 'log', migration, table: 'line', columns: COLUMNS })
