import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../../src/core/database.ts'
import { createIds } from '../../../src/core/id.ts'
import type { CheckResult } from '../../../src/module/monitor/check.ts'
import { createHistory } from '../../../src/module/monitor/history.ts'
import { type MonitorTables, monitorMigrations } from '../../../src/module/monitor/monitor.schema.ts'
import { stoppedClock } from '../../support.ts'

async function openHistory() {
  const clock = stoppedClock(1_700_000_400_000)
  const { db, close } = await openDatabase<MonitorTables>({ path: ':memory:', migrations: monitorMigrations })
  onTestFinished(close)
  const history = createHistory(db, createIds(clock.nowMs))
  const add = (...results: CheckResult[]) =>
    history.add({ at: clock.nowMs(), disk: null, stores: [], processes: [], upstreams: [], lanes: [] }, results)
  return { clock, history, db, add }
}

const slow = (value: number, state: CheckResult['state'] = 'ok'): CheckResult => ({
  check: 'store',
  subject: 'audit',
  state,
  value,
  limit: 500,
  reason: `It took ${value} ms.`,
})

test('a slot shows the worst state, the highest value and why', async () => {
  const { clock, history, add } = await openHistory()
  await add(slow(5))
  clock.advance(10_000)
  await add(slow(700, 'behind'))
  clock.advance(10_000)
  await add(slow(6))

  const points = await history.ofCheck('store', 'audit', '24h', clock.nowMs())

  expect(points).toEqual([{ at: 1_700_000_400_000, state: 'behind', value: 700, reason: 'It took 700 ms.' }])
})

test('a thousand subjects fit into one round', async () => {
  const { history, clock, add } = await openHistory()

  await add(...Array.from({ length: 1_000 }, (_, index) => ({ ...slow(index), subject: `store-${index}` })))

  expect(await history.ofCheck('store', 'store-999', '1h', clock.nowMs())).toMatchObject([{ value: 999 }])
})

test('what is asked for is found by an index', async () => {
  const { db } = await openHistory()

  const plan = await db
    .selectFrom('check_result')
    .selectAll()
    .where('check_name', '=', 'store')
    .where('subject', '=', 'audit')
    .where('id', '>=', 1)
    .explain(undefined, sql`query plan`)

  expect(JSON.stringify(plan)).toContain('USING INDEX check_result_subject (check_name=? AND subject=? AND id>?)')
})
