import { type CreateTableBuilder, type Kysely, sql } from 'kysely'
import type { Migration } from '../../core/database.ts'

/** A secret, without its values. */
export interface SecretRow {
  readonly id: number
  readonly name: string
  readonly description: string
  /** Where a new value is had. */
  readonly issuer: string
  readonly current_version: number
  readonly expires_at: number | null
  /** How many days before its end somebody was last reminded. */
  readonly reminded_days: number | null
  readonly created_at: number
  readonly created_by: string
  readonly updated_at: number
  readonly updated_by: string
  readonly removed_at: number | null
  /** The data key under which the row is sealed. */
  readonly data_key_id: number
  readonly mac: string
}

/** One value of a secret, encrypted. */
export interface VersionRow {
  readonly id: number
  readonly secret_id: number
  /** Bound into the encryption, together with the version. */
  readonly name: string
  readonly version: number
  readonly nonce: Buffer
  /** Ciphertext and tag; empty once it is destroyed. */
  readonly sealed: Buffer
  readonly created_at: number
  readonly created_by: string
  /** When the next version took its place. */
  readonly superseded_at: number | null
  /** Until when it is kept after that. */
  readonly usable_until: number | null
  readonly destroyed_at: number | null
  readonly data_key_id: number
  readonly mac: string
}

/** A key that encrypts values, encrypted itself under a master key. Two rows hold the same one while the master key is changed. */
export interface DataKeyRow {
  readonly id: number
  readonly data_key_id: number
  /** Names the master key without telling anything of it. */
  readonly master_id: string
  readonly nonce: Buffer
  /** Ciphertext and tag; empty once it is retired. */
  readonly sealed: Buffer
  readonly created_at: number
  readonly retired_at: number | null
}

/** The tables of `secret.sqlite`. */
export interface SecretSchema {
  readonly secret: SecretRow
  readonly version: VersionRow
  readonly data_key: DataKeyRow
}

/** Steps of the schema of `secret.sqlite`; append only. */
export const SECRET_MIGRATIONS: readonly Migration[] = [{ name: 'secrets, their versions and their keys', up: createTables }]

// biome-ignore lint/suspicious/noExplicitAny: a migration sees whatever schema its time had, so no type can describe it
type AnyDb = Kysely<any>

const withId = (db: AnyDb, table: string): CreateTableBuilder<string, 'id'> =>
  db.schema.createTable(table).addColumn('id', 'bigint', (column) => column.primaryKey())

async function createTables(db: AnyDb): Promise<void> {
  await withId(db, 'secret')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('issuer', 'text', (column) => column.notNull())
    .addColumn('current_version', 'integer', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('reminded_days', 'integer')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .addColumn('removed_at', 'bigint')
    .addColumn('data_key_id', 'bigint', (column) => column.notNull())
    .addColumn('mac', 'text', (column) => column.notNull())
    .execute()
  await withId(db, 'version')
    .addColumn('secret_id', 'bigint', (column) => column.notNull().references('secret.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('nonce', sql`blob`, (column) => column.notNull())
    .addColumn('sealed', sql`blob`, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('superseded_at', 'bigint')
    .addColumn('usable_until', 'bigint')
    .addColumn('destroyed_at', 'bigint')
    .addColumn('data_key_id', 'bigint', (column) => column.notNull())
    .addColumn('mac', 'text', (column) => column.notNull())
    .execute()
  await withId(db, 'data_key')
    .addColumn('data_key_id', 'bigint', (column) => column.notNull())
    .addColumn('master_id', 'text', (column) => column.notNull())
    .addColumn('nonce', sql`blob`, (column) => column.notNull())
    .addColumn('sealed', sql`blob`, (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('retired_at', 'bigint')
    .execute()
  await sql`create unique index secret_name on secret (name) where removed_at is null`.execute(db)
  await db.schema.createIndex('secret_data_key').on('secret').column('data_key_id').execute()
  await db.schema.createIndex('version_of').on('version').columns(['secret_id', 'version']).unique().execute()
  await db.schema.createIndex('version_data_key').on('version').column('data_key_id').execute()
  await db.schema.createIndex('version_usable').on('version').column('usable_until').execute()
  await db.schema.createIndex('data_key_master').on('data_key').columns(['data_key_id', 'master_id']).unique().execute()
}
