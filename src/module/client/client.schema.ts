import type { Migration } from '../../core/database.ts'

/** Names are those of `KeptSession`. */
export interface SessionRow {
  readonly id_hash: string
  readonly key: string
  readonly caller_id: string
  readonly user_id: number | null
  readonly token_id: number | null
  readonly source: string | null
  readonly content: string
  readonly seen_at: number
}

export interface ClientSchema {
  readonly session: SessionRow
}

export const CLIENT_MIGRATIONS: readonly Migration[] = [
  {
    name: 'session',
    async up(db) {
      await db.schema
        .createTable('session')
        .addColumn('id_hash', 'text', (column) => column.primaryKey())
        .addColumn('key', 'text', (column) => column.notNull())
        .addColumn('caller_id', 'text', (column) => column.notNull())
        .addColumn('user_id', 'bigint')
        .addColumn('token_id', 'bigint')
        .addColumn('source', 'text')
        .addColumn('content', 'text', (column) => column.notNull())
        .addColumn('seen_at', 'bigint', (column) => column.notNull())
        .execute()
      await db.schema.createIndex('session_seen_at').on('session').column('seen_at').execute()
      await db.schema.createIndex('session_opened_by').on('session').columns(['user_id', 'token_id']).execute()
    },
  },
]
