import type { Kysely } from 'kysely'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { openDatabase } from '../../src/core/database.ts'
import { addToOutbox, type Letter, type OutboxTable, outboxMigration, startOutbox } from '../../src/core/outbox.ts'

const log = pino({ level: 'silent' })
const open = () => openDatabase<OutboxTable>({ path: ':memory:', migrations: [outboxMigration] })
const add = (db: Kysely<OutboxTable>, id: number) =>
  db.transaction().execute((transaction) => addToOutbox(transaction, { id, topic: 'noted', body: { id } }, 1_000))

test('letters are delivered in order, each once', async () => {
  const { db, close } = await open()
  const delivered: Letter[] = []
  for (let id = 1; id <= 250; id++) await add(db, id)
  const relay = startOutbox({ db, deliver: (letter) => void delivered.push(letter), nowMs: () => 2_000, log })

  await relay.wake()
  await relay.wake()

  expect(delivered.map(({ id }) => id)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1))
  expect(delivered[0]).toEqual({ id: 1, topic: 'noted', body: { id: 1 } })
  await relay.stop()
  await close()
})

test('a change that is rolled back announces nothing', async () => {
  const { db, close } = await open()
  const delivered: Letter[] = []
  const relay = startOutbox({ db, deliver: (letter) => void delivered.push(letter), nowMs: () => 2_000, log })
  const rolledBack = db.transaction().execute(async (transaction) => {
    await addToOutbox(transaction, { id: 1, topic: 'noted', body: {} }, 1_000)
    throw new Error('no')
  })

  await expect(rolledBack).rejects.toThrow('no')
  await relay.wake()

  expect(delivered).toEqual([])
  await relay.stop()
  await close()
})

test('a letter whose delivery failed is delivered again, and before the next', async () => {
  const { db, close } = await open()
  const seen: number[] = []
  let failures = 1
  await add(db, 1)
  await add(db, 2)
  const relay = startOutbox({
    db,
    deliver({ id }) {
      if (failures-- > 0) throw new Error('not yet')
      seen.push(id)
    },
    nowMs: () => 2_000,
    log,
  })

  await relay.wake()
  await relay.wake()

  expect(seen).toEqual([1, 2])
  await relay.stop()
  await close()
})
