import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../src/core/database.ts'
import { FUNCTION_MIGRATIONS, type FunctionSchema, type InvocationRow } from '../../../src/module/function/function.schema.ts'
import { createInvocationLog } from '../../../src/module/function/invocation-log.ts'

const HOUR_MS = 3_600_000
const AT = 500_000 * HOUR_MS

async function openLog() {
  const database = await openDatabase<FunctionSchema>({ path: ':memory:', migrations: FUNCTION_MIGRATIONS })
  const { db } = database
  onTestFinished(database.close)
  await db
    .insertInto('function')
    .values({
      ...{ id: 1, name: 'f', definition: '{}', source: '', source_hash: '', enabled: 1, current_version: 1 },
      ...{ created_at: 1, created_by: 'u', updated_at: 1, updated_by: 'u', removed_at: null },
    })
    .execute()
  return { db, log: createInvocationLog(database) }
}

const run = (id: number, more: Partial<InvocationRow> = {}): InvocationRow => ({
  ...{ id, job_id: id, function_id: 1, version: 1, asked: 'call', caller_id: 'user:1', caller_name: 'root', token_id: null },
  ...{ request_id: 'r', depth: 0, key_hash: null, started_at: AT, ended_at: AT, duration_ms: 1, outcome: 'ok', reason: null },
  ...{ message: null, logs: '[]', logs_cut: 0, updated_at: AT },
  ...more,
})

test('runs that end together are all kept, and counted by their hour', async () => {
  const { db, log } = await openLog()

  await Promise.all([
    log.ended(run(1)),
    log.ended(run(2, { outcome: 'failed' })),
    log.ended(run(3, { ended_at: AT + HOUR_MS, outcome: 'cancelled' })),
  ])

  expect(await db.selectFrom('invocation').select(['id', 'outcome']).orderBy('id').execute()).toEqual([
    { id: 1, outcome: 'ok' },
    { id: 2, outcome: 'failed' },
    { id: 3, outcome: 'cancelled' },
  ])
  expect(await db.selectFrom('tally').selectAll().orderBy('hour').execute()).toEqual([
    { function_id: 1, hour: AT, calls: 2, failures: 1 },
    { function_id: 1, hour: AT + HOUR_MS, calls: 1, failures: 1 },
  ])
})

test('a run whose end is told again is kept and counted once', async () => {
  const { db, log } = await openLog()
  await log.ended(run(1))

  await log.ended(run(2, { job_id: 1, outcome: 'failed' }))

  expect(await db.selectFrom('invocation').select(['id', 'outcome']).execute()).toEqual([{ id: 1, outcome: 'ok' }])
  expect(await db.selectFrom('tally').select('calls').execute()).toEqual([{ calls: 1 }])
})

test('a run that was submitted keeps its key when it ends', async () => {
  const { db, log } = await openLog()
  const waiting = run(1, {
    asked: 'submit',
    key_hash: 'k',
    started_at: null,
    ended_at: null,
    duration_ms: null,
    outcome: 'waiting',
  })
  await db.insertInto('invocation').values(waiting).execute()

  await log.ended(run(9, { job_id: 1, asked: 'submit', message: 'fine' }))

  expect(await db.selectFrom('invocation').select(['id', 'key_hash', 'outcome', 'message', 'ended_at']).execute()).toEqual([
    { id: 1, key_hash: 'k', outcome: 'ok', message: 'fine', ended_at: AT },
  ])
})

test('a run of a function that the store does not know is left out, and holds up no other', async () => {
  const { db, log } = await openLog()

  await Promise.all([log.ended(run(1, { function_id: 404 })), log.ended(run(2))])

  expect(await db.selectFrom('invocation').select('id').execute()).toEqual([{ id: 2 }])
})

test('whoever reads has what ended just now written first', async () => {
  const { db, log } = await openLog()
  const kept = [log.ended(run(1)), log.ended(() => run(2)), log.ended(() => undefined)]

  await log.caughtUp()

  expect(await db.selectFrom('invocation').select('id').orderBy('id').execute()).toEqual([{ id: 1 }, { id: 2 }])
  await Promise.all(kept)
})

test('a run that cannot be made fails alone', async () => {
  const { db, log } = await openLog()
  const broken = log.ended(() => {
    throw new Error('no such result')
  })

  const [first, second] = await Promise.allSettled([broken, log.ended(run(2))])

  expect([first?.status, second?.status]).toEqual(['rejected', 'fulfilled'])
  expect(await db.selectFrom('invocation').select('id').execute()).toEqual([{ id: 2 }])
})

test('many runs at once are not gathered for long', async () => {
  const { db, log } = await openLog()

  await Promise.all(Array.from({ length: 200 }, (_, index) => log.ended(run(index + 1))))

  expect(await db.selectFrom('tally').select('calls').execute()).toEqual([{ calls: 200 }])
})
