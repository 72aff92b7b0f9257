import { type Kysely, sql } from 'kysely'
import type { Migration } from '../../core/database.ts'

/** An upstream that was added at run time. */
export interface UpstreamRow {
  readonly id: number
  readonly alias: string
  /** JSON of its definition; holds references to secrets, never secrets. */
  readonly definition: string
  readonly created_at: number
  readonly created_by: string
  readonly updated_at: number
  readonly updated_by: string
  readonly removed_at: number | null
}

/** A person's word on whether an upstream is connected, over what its definition says. */
export interface OverrideRow {
  readonly id: number
  readonly alias: string
  readonly enabled: number
  readonly created_at: number
  readonly updated_at: number
  readonly updated_by: string
  /** When it was given up. */
  readonly reset_at: number | null
}

export interface UpstreamSchema {
  readonly upstream: UpstreamRow
  readonly override: OverrideRow
}

/** Steps of the schema of `upstream.sqlite`; append only. */
export const UPSTREAM_MIGRATIONS: readonly Migration[] = [{ name: 'upstreams and overrides', up: createTables }]

// biome-ignore lint/suspicious/noExplicitAny: a migration sees whatever schema its time had, so no type can describe it
async function createTables(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('upstream')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('alias', 'text', (column) => column.notNull())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .addColumn('removed_at', 'bigint')
    .execute()
  await db.schema
    .createTable('override')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('alias', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .addColumn('reset_at', 'bigint')
    .execute()
  await sql`create unique index upstream_alias on upstream (alias) where removed_at is null`.execute(db)
  await sql`create unique index override_alias on override (alias) where reset_at is null`.execute(db)
}
