import { type Kysely, sql } from 'kysely'
import type { Migration } from '../../core/database.ts'

/** A registered API. */
export interface ApiRow {
  readonly id: number
  readonly alias: string
  /** JSON of its settings. */
  readonly settings: string
  /** JSON of how requests say who they are from; holds references to secrets, never secrets. */
  readonly credential: string
  readonly enabled: number
  /** Number of the version that calls use. */
  readonly current_version: number
  /** Number of a version that waits for somebody to confirm what it breaks; null for none. */
  readonly held_version: number | null
  /** Where its document is fetched from; null for one that was sent. */
  readonly source_url: string | null
  /** When the document was last fetched, ms since the epoch; null before the first time. */
  readonly fetched_at: number | null
  /** Why that failed; null where it did not. */
  readonly fetch_fault: string | null
  readonly created_at: number
  readonly created_by: string
  readonly updated_at: number
  readonly updated_by: string
  readonly removed_at: number | null
}

/** A document as it was at one time; never changed again. */
export interface VersionRow {
  readonly id: number
  readonly api_id: number
  /** 1, 2, … */
  readonly version: number
  /** SHA-256 of the document's text, hex. */
  readonly document_hash: string
  /** The text, compressed. */
  readonly document: Uint8Array
  /** JSON of what was read from it, compressed. */
  readonly model: Uint8Array
  /** JSON of how it differs from the one before; null for the first. */
  readonly changes: string | null
  readonly source_url: string | null
  readonly created_at: number
  readonly created_by: string
}

/** The operator's word on one operation; outlives versions, by the operation's key. */
export interface OperationRow {
  readonly id: number
  readonly api_id: number
  readonly operation_key: string
  readonly enabled: number
  /** Instead of the name that its document gives it. */
  readonly name: string | null
  readonly permit: string | null
  readonly effect: 'read' | 'write' | 'erase' | null
  readonly idempotent: number | null
  readonly created_at: number
  readonly updated_at: number
  readonly updated_by: string
}

export interface ApiSchema {
  readonly api: ApiRow
  readonly version: VersionRow
  readonly operation: OperationRow
}

/** Steps of the schema of `api.sqlite`; append only. */
export const API_MIGRATIONS: readonly Migration[] = [{ name: 'apis, versions and operations', up: createTables }]

// biome-ignore lint/suspicious/noExplicitAny: a migration sees whatever schema its time had, so no type can describe it
async function createTables(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('api')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('alias', 'text', (column) => column.notNull())
    .addColumn('settings', 'text', (column) => column.notNull())
    .addColumn('credential', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('current_version', 'integer', (column) => column.notNull())
    .addColumn('held_version', 'integer')
    .addColumn('source_url', 'text')
    .addColumn('fetched_at', 'bigint')
    .addColumn('fetch_fault', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .addColumn('removed_at', 'bigint')
    .execute()
  await db.schema
    .createTable('version')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('api_id', 'bigint', (column) => column.notNull().references('api.id'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('document_hash', 'text', (column) => column.notNull())
    .addColumn('document', 'blob', (column) => column.notNull())
    .addColumn('model', 'blob', (column) => column.notNull())
    .addColumn('changes', 'text')
    .addColumn('source_url', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('version_number', ['api_id', 'version'])
    .execute()
  await db.schema
    .createTable('operation')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('api_id', 'bigint', (column) => column.notNull().references('api.id'))
    .addColumn('operation_key', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('permit', 'text')
    .addColumn('effect', 'text')
    .addColumn('idempotent', 'integer')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('operation_of_api', ['api_id', 'operation_key'])
    .execute()
  await sql`create unique index api_alias on api (alias) where removed_at is null`.execute(db)
}
