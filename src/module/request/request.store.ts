import { z } from 'zod'
import type { AuthPath } from '../../contract/caller.ts'
import type { House } from '../../contract/house.ts'
import type { HttpRecorder } from '../../contract/request.ts'
import type { ChainTables } from '../../core/chain.ts'
import type { Migration } from '../../core/database.ts'
import { type KeptRows, openKeptRows, Retention } from '../../core/kept-rows.ts'
import { redactText } from '../../core/secret-text.ts'
import { storable } from '../../core/storable.ts'

/** `[request]`: how long the HTTP access log is kept. */
export const RequestSettings = z.strictObject(Retention)

export type RequestSettings = z.output<typeof RequestSettings>

/** One HTTP request. */
export interface RequestRow {
  readonly id: number
  readonly at: number
  readonly request_id: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly duration_ms: number
  readonly auth_path: AuthPath
  readonly caller_id: string | null
  readonly caller_name: string | null
  readonly address: string
  readonly user_agent: string | null
}

export interface RequestTables extends ChainTables {
  readonly request: RequestRow
}

/** The HTTP access log at run time. */
export type RequestStore = KeptRows<RequestSettings, RequestTables, RequestRow>

/** In the order in which the chain covers them. Append only. */
const COLUMNS = [
  'id',
  'at',
  'request_id',
  'method',
  'path',
  'status',
  'duration_ms',
  'auth_path',
  'caller_id',
  'caller_name',
  'address',
  'user_agent',
] as const satisfies readonly (keyof RequestRow)[]

const migration: Migration = {
  name: 'request',
  async up(db) {
    await db.schema
      .createTable('request')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('request_id', 'text', (column) => column.notNull())
      .addColumn('method', 'text', (column) => column.notNull())
      .addColumn('path', 'text', (column) => column.notNull())
      .addColumn('status', 'integer', (column) => column.notNull())
      .addColumn('duration_ms', 'double precision', (column) => column.notNull())
      .addColumn('auth_path', 'text', (column) => column.notNull())
      .addColumn('caller_id', 'text')
      .addColumn('caller_name', 'text')
      .addColumn('address', 'text', (column) => column.notNull())
      .addColumn('user_agent', 'text')
      .execute()
    for (const column of ['at', 'caller_id', 'status']) {
      await db.schema.createIndex(`request_${column}`).on('request').columns([column, 'id']).execute()
    }
  },
}

/** Open the access log. @throws TypeError when the file was written by a newer program than this */
export const openRequestStore = (house: House<RequestSettings>): Promise<RequestStore> =>
  openKeptRows(house, { name: 'request', migration, table: 'request', columns: COLUMNS })

/** Longest text from outside that is kept, in characters. */
const TEXT_CHARS = 512

const clean = (text: string): string => storable(redactText(text.slice(0, TEXT_CHARS)))

/** Takes one row per request without waiting. */
export const requestRecorder =
  ({ rows }: RequestStore): HttpRecorder =>
  (row) =>
    rows.add({
      at: row.at,
      request_id: storable(row.requestId),
      method: clean(row.method),
      path: clean(row.path),
      status: row.status,
      duration_ms: Math.round(row.durationMs * 1_000) / 1_000,
      auth_path: row.authPath,
      caller_id: row.callerId === undefined ? null : storable(row.callerId),
      caller_name: row.callerName === undefined ? null : storable(row.callerName),
      address: clean(row.address),
      user_agent: row.userAgent === undefined ? null : clean(row.userAgent),
    })
