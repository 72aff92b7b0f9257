import type { CreateTableBuilder, Kysely } from 'kysely'
import type { Migration } from '../../core/database.ts'
import { outboxMigration } from '../../core/outbox.ts'

/** Steps of the schema of `access.sqlite`; append only. */
export const ACCESS_MIGRATIONS: readonly Migration[] = [
  outboxMigration,
  { name: 'users and their rights', up: createUsersAndRights },
  { name: 'tokens and sessions', up: createTokensAndSessions },
  { name: 'sign-in', up: createSignIn },
]

// biome-ignore lint/suspicious/noExplicitAny: a migration sees whatever schema its time had, so no type can describe it
type AnyDb = Kysely<any>

const withId = (db: AnyDb, table: string): CreateTableBuilder<string, 'id'> =>
  db.schema.createTable(table).addColumn('id', 'bigint', (column) => column.primaryKey())

async function createUsersAndRights(db: AnyDb): Promise<void> {
  await withId(db, 'user')
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('name_key', 'text', (column) => column.notNull().unique())
    .addColumn('email', 'text')
    .addColumn('password_hash', 'text')
    .addColumn('external_id', 'text', (column) => column.unique())
    .addColumn('disabled_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('mac', 'text', (column) => column.notNull())
    .execute()
  await withId(db, 'grant')
    .addColumn('user_id', 'bigint', (column) => column.notNull().references('user.id'))
    .addColumn('key', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('granted_by', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('removed_at', 'bigint')
    .addColumn('removed_by', 'text')
    .addColumn('mac', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('grant_user').on('grant').columns(['user_id', 'id']).execute()
  await db.schema.createIndex('grant_expiry').on('grant').column('expires_at').execute()
  await withId(db, 'role')
    .addColumn('name', 'text', (column) => column.notNull().unique())
    .addColumn('description', 'text', (column) => column.notNull())
    .addColumn('keys', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .addColumn('removed_at', 'bigint')
    .addColumn('mac', 'text', (column) => column.notNull())
    .execute()
}

async function createTokensAndSessions(db: AnyDb): Promise<void> {
  await withId(db, 'token')
    .addColumn('user_id', 'bigint', (column) => column.notNull().references('user.id'))
    .addColumn('parent_id', 'bigint', (column) => column.references('token.id'))
    .addColumn('label', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('keys', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('revoked_by', 'text')
    .addColumn('last_used_at', 'bigint')
    .addColumn('use_count', 'bigint', (column) => column.notNull().defaultTo(0))
    .addColumn('mac', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('token_user').on('token').columns(['user_id', 'id']).execute()
  await db.schema.createIndex('token_parent').on('token').column('parent_id').execute()
  await db.schema.createIndex('token_expiry').on('token').column('expires_at').execute()
  await withId(db, 'session')
    .addColumn('user_id', 'bigint', (column) => column.notNull().references('user.id'))
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('last_seen_at', 'bigint', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('mac', 'text', (column) => column.notNull())
    .execute()
  await db.schema.createIndex('session_user').on('session').columns(['user_id', 'id']).execute()
}

async function createSignIn(db: AnyDb): Promise<void> {
  await withId(db, 'login_failure')
    .addColumn('account', 'text', (column) => column.notNull())
    .addColumn('address', 'text', (column) => column.notNull())
    .addColumn('failed_at', 'bigint', (column) => column.notNull())
    .addColumn('cleared_at', 'bigint')
    .execute()
  await db.schema.createIndex('login_failure_address').on('login_failure').columns(['address', 'failed_at']).execute()
  await withId(db, 'invitation')
    .addColumn('hash', 'text', (column) => column.notNull().unique())
    .addColumn('email', 'text')
    .addColumn('keys', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('revoked_at', 'bigint')
    .addColumn('accepted_at', 'bigint')
    .addColumn('user_id', 'bigint', (column) => column.references('user.id'))
    .addColumn('mac', 'text', (column) => column.notNull())
    .execute()
}
