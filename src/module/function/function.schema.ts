import { type Kysely, sql } from 'kysely'
import type { Migration } from '../../core/database.ts'
import { type OutboxTable, outboxMigration } from '../../core/outbox.ts'

/** A function and its draft. */
export interface FunctionRow {
  readonly id: number
  readonly name: string
  /** JSON of the draft's definition. */
  readonly definition: string
  readonly source: string
  /** SHA-256, hex. */
  readonly source_hash: string
  readonly enabled: number
  /** Number of the version that calls run; null before the first was published. */
  readonly current_version: number | null
  readonly created_at: number
  readonly created_by: string
  readonly updated_at: number
  readonly updated_by: string
  readonly removed_at: number | null
}

/** What was published; never changed again. */
export interface VersionRow {
  readonly id: number
  readonly function_id: number
  /** 1, 2, … */
  readonly version: number
  readonly definition: string
  readonly source: string
  readonly source_hash: string
  readonly note: string
  readonly created_at: number
  readonly created_by: string
}

/** One run, or one that is to come. */
export interface InvocationRow {
  readonly id: number
  /** In the lane `function`. */
  readonly job_id: number
  readonly function_id: number
  /** null: the draft. */
  readonly version: number | null
  readonly asked: 'call' | 'test' | 'submit'
  readonly caller_id: string
  readonly caller_name: string
  readonly token_id: number | null
  readonly request_id: string
  /** How many functions stood above it. */
  readonly depth: number
  /** SHA-256 of caller, function and the key that it was submitted under. */
  readonly key_hash: string | null
  readonly started_at: number | null
  readonly ended_at: number | null
  readonly duration_ms: number | null
  readonly outcome: 'waiting' | 'ok' | 'failed' | 'cancelled'
  /** Why there is no result: `thrown`, `memory`, …; `lost` where no attempt ended. */
  readonly reason: string | null
  readonly message: string | null
  /** JSON of its lines. */
  readonly logs: string
  /** Whether there were more. */
  readonly logs_cut: number
  readonly updated_at: number
}

/** How often each function ran in an hour. */
interface TallyRow {
  readonly function_id: number
  /** Beginning of the hour, ms since the epoch. */
  readonly hour: number
  readonly calls: number
  readonly failures: number
}

/** What a purge took away. */
interface PurgeRow {
  readonly id: number
  readonly before: number
  readonly invocations: number
}

export interface FunctionSchema extends OutboxTable {
  readonly function: FunctionRow
  readonly version: VersionRow
  readonly invocation: InvocationRow
  readonly tally: TallyRow
  readonly purge: PurgeRow
}

/** Steps of the schema of `function.sqlite`; append only. */
export const FUNCTION_MIGRATIONS: readonly Migration[] = [
  { name: 'functions and versions', up: createFunctions },
  { name: 'invocations', up: createInvocations },
  outboxMigration,
]

// biome-ignore lint/suspicious/noExplicitAny: a migration sees whatever schema its time had, so no type can describe it
async function createFunctions(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('function')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('source_hash', 'text', (column) => column.notNull())
    .addColumn('enabled', 'integer', (column) => column.notNull())
    .addColumn('current_version', 'integer')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .addColumn('updated_by', 'text', (column) => column.notNull())
    .addColumn('removed_at', 'bigint')
    .execute()
  await db.schema
    .createTable('version')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('function_id', 'bigint', (column) => column.notNull().references('function.id'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('definition', 'text', (column) => column.notNull())
    .addColumn('source', 'text', (column) => column.notNull())
    .addColumn('source_hash', 'text', (column) => column.notNull())
    .addColumn('note', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('created_by', 'text', (column) => column.notNull())
    .addUniqueConstraint('version_number', ['function_id', 'version'])
    .execute()
  await sql`create unique index function_name on function (name) where removed_at is null`.execute(db)
  await sql`create index function_source on function (source_hash)`.execute(db)
  await sql`create index version_source on version (source_hash)`.execute(db)
}

// biome-ignore lint/suspicious/noExplicitAny: a migration sees whatever schema its time had, so no type can describe it
async function createInvocations(db: Kysely<any>): Promise<void> {
  await db.schema
    .createTable('invocation')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('job_id', 'bigint', (column) => column.notNull())
    .addColumn('function_id', 'bigint', (column) => column.notNull().references('function.id'))
    .addColumn('version', 'integer')
    .addColumn('asked', 'text', (column) => column.notNull())
    .addColumn('caller_id', 'text', (column) => column.notNull())
    .addColumn('caller_name', 'text', (column) => column.notNull())
    .addColumn('token_id', 'bigint')
    .addColumn('request_id', 'text', (column) => column.notNull())
    .addColumn('depth', 'integer', (column) => column.notNull())
    .addColumn('key_hash', 'text')
    .addColumn('started_at', 'bigint')
    .addColumn('ended_at', 'bigint')
    .addColumn('duration_ms', 'real')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('reason', 'text')
    .addColumn('message', 'text')
    .addColumn('logs', 'text', (column) => column.notNull())
    .addColumn('logs_cut', 'integer', (column) => column.notNull())
    .addColumn('updated_at', 'bigint', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('tally')
    .addColumn('function_id', 'bigint', (column) => column.notNull().references('function.id'))
    .addColumn('hour', 'bigint', (column) => column.notNull())
    .addColumn('calls', 'integer', (column) => column.notNull())
    .addColumn('failures', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('tally_key', ['function_id', 'hour'])
    .execute()
  await db.schema
    .createTable('purge')
    .addColumn('id', 'bigint', (column) => column.primaryKey())
    .addColumn('before', 'bigint', (column) => column.notNull())
    .addColumn('invocations', 'integer', (column) => column.notNull())
    .execute()
  await sql`create unique index invocation_job on invocation (job_id)`.execute(db)
  await sql`create index invocation_function on invocation (function_id, outcome, id)`.execute(db)
  await sql`create index invocation_of on invocation (function_id, id)`.execute(db)
  await sql`create index invocation_outcome on invocation (outcome, id)`.execute(db)
  await sql`create index invocation_ended on invocation (ended_at)`.execute(db)
  await sql`create index invocation_waiting on invocation (caller_id) where outcome = 'waiting'`.execute(db)
  await sql`create unique index invocation_key on invocation (key_hash) where key_hash is not null`.execute(db)
}
