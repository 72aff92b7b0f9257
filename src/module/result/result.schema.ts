import type { Kysely } from 'kysely'
import type { Migration } from '../../core/database.ts'

/** What is known of a result that is kept whole; its bytes lie in a file. */
export interface ResultRow {
  readonly id: number
  /** 128 random bits, base64url: what a caller shows to read it. */
  readonly ref: string
  /** The caller whose call it was; nobody else can read it. */
  readonly owner_id: string
  readonly tool: string
  readonly media_type: string
  readonly size_bytes: number
  readonly created_at: number
  readonly expires_at: number
  /** When its bytes were given up. */
  readonly purged_at: number | null
}

export interface ResultSchema {
  readonly result: ResultRow
}

/** Steps of the schema of `result.sqlite`; append only. */
export const RESULT_MIGRATIONS: readonly Migration[] = [
  { name: 'results', up: createResults },
  {
    name: 'result-owner',
    up: (db) => db.schema.createIndex('result_owner').on('result').columns(['owner_id', 'purged_at', 'id']).execute(),
  },
]

// biome-ignore lint/suspicious/noExplicitAny: a migration sees whatever schema its time had, so no type can describe it
async function createResults(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('result')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('ref', 'text', (column) => column.notNull().unique())
    .addColumn('owner_id', 'text', (column) => column.notNull())
    .addColumn('tool', 'text', (column) => column.notNull())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('purged_at', 'bigint')
    .execute()
  await db.schema.createIndex('result_expiry').on('result').columns(['purged_at', 'expires_at']).execute()
}
