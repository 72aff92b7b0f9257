import { type Kysely, sql, type Transaction } from 'kysely'
import type { Log } from '../contract/house.ts'
import type { Migration } from './database.ts'

/** The table that a store adds to its schema to announce its changes. */
export interface OutboxTable {
  readonly outbox: { id: number; topic: string; body: string; created_at: number; delivered_at: number | null }
}

/** One announcement. */
export interface Letter {
  readonly id: number
  readonly topic: string
  readonly body: unknown
}

/** The schema step that gives a store its outbox. */
export const outboxMigration: Migration = {
  name: 'outbox',
  async up(db) {
    await db.schema
      .createTable('outbox')
      .addColumn('id', 'bigint', (column) => column.primaryKey())
      .addColumn('topic', 'text', (column) => column.notNull())
      .addColumn('body', 'text', (column) => column.notNull())
      .addColumn('created_at', 'bigint', (column) => column.notNull())
      .addColumn('delivered_at', 'bigint')
      .execute()
    await sql`create index outbox_waiting on outbox (id) where delivered_at is null`.execute(db)
  },
}

/**
 * Write an announcement in the transaction of the change that it announces, so that neither exists without the other.
 *
 * @param letter `id` from `house.nextId`
 */
export async function addToOutbox<Schema extends OutboxTable>(
  transaction: Transaction<Schema>,
  letter: Letter,
  nowMs: number,
): Promise<void> {
  await (transaction as unknown as Transaction<OutboxTable>)
    .insertInto('outbox')
    .values({ id: letter.id, topic: letter.topic, body: JSON.stringify(letter.body), created_at: nowMs, delivered_at: null })
    .execute()
}

interface RelayOptions {
  readonly db: Kysely<OutboxTable>
  /** Hand one letter on. Called again with the same id after a crash, so it must bear repetition. A rejection keeps the letter. */
  readonly deliver: (letter: Letter) => void | Promise<void>
  readonly nowMs: () => number
  readonly log: Log
  /** How often to look without being woken, for letters written by another process. Default 1 000. */
  readonly pollMs?: number
}

/** A running relay. */
export interface OutboxRelay {
  /** Look now. Resolves when all that was waiting has been delivered. */
  wake(): Promise<void>
  stop(): Promise<void>
}

/** Deliver letters in order, at least once each, until stopped. */
export function startOutbox({ db, deliver, nowMs, log, pollMs = 1_000 }: RelayOptions): OutboxRelay {
  let current: Promise<void> | undefined
  let again = false

  const drain = async (): Promise<void> => {
    do {
      again = false
      await deliverWaiting(db, deliver, nowMs)
    } while (again)
  }
  const wake = (): Promise<void> => {
    again = true
    current ??= drain()
      .catch((cause: unknown) => log.error({ err: cause }, 'outbox.failed'))
      .finally(() => (current = undefined))
    return current
  }
  const timer = setInterval(() => void wake(), pollMs)
  timer.unref()
  return {
    wake,
    async stop() {
      clearInterval(timer)
      await current
    },
  }
}

async function deliverWaiting(db: Kysely<OutboxTable>, deliver: RelayOptions['deliver'], nowMs: () => number): Promise<void> {
  const waiting = await db
    .selectFrom('outbox')
    .select(['id', 'topic', 'body'])
    .where('delivered_at', 'is', null)
    .orderBy('id')
    .limit(100)
    .execute()
  for (const { id, topic, body } of waiting) {
    await deliver({ id, topic, body: JSON.parse(body) })
    await db.updateTable('outbox').set({ delivered_at: nowMs() }).where('id', '=', id).execute()
  }
  if (waiting.length === 100) await deliverWaiting(db, deliver, nowMs)
}
