import { type Kysely, sql } from 'kysely'
import { CHECK_STATES, type CheckName, type CheckResult, type CheckState } from './check.ts'
import type { Look } from './look.ts'
import type { MonitorTables, ResultRow } from './monitor.schema.ts'

const HOUR_MS = 3_600_000

/** Windows of history that are given, and into how long slots they are cut: at most 240 points. */
export const WINDOWS = {
  '1h': { lengthMs: HOUR_MS, stepMs: 30_000 },
  '6h': { lengthMs: 6 * HOUR_MS, stepMs: 120_000 },
  '24h': { lengthMs: 24 * HOUR_MS, stepMs: 600_000 },
  '7d': { lengthMs: 168 * HOUR_MS, stepMs: HOUR_MS },
} as const

type Window = keyof typeof WINDOWS

/** How long what does not change is not written again. */
const REPEAT_MS = 600_000
/** Rows of one statement. */
const BATCH_ROWS = 500

/** What is kept of earlier rounds. */
export interface History {
  /** Keep one round. */
  add(look: Look, results: readonly CheckResult[]): Promise<void>
  /** The worst state, the highest value and the last reason of each slot in which something was written. */
  ofCheck(check: CheckName, subject: string, window: Window, nowMs: number): Promise<readonly CheckPoint[]>
  /** The last sample of each slot. */
  ofLane(lane: string, window: Window, nowMs: number): Promise<readonly LanePoint[]>
  /** @returns how many rows were too old */
  purge(beforeMs: number): Promise<number>
}

/** One slot of a check's history. */
interface CheckPoint {
  readonly at: number
  readonly state: CheckState
  readonly value: number | null
  readonly reason: string | null
}

/** One slot of a lane's history. */
interface LanePoint {
  readonly at: number
  readonly ready: number
  readonly running: number
  readonly capacity: number
  readonly oldestWaitMs: number
  readonly waitP50: number | null
  readonly waitP95: number | null
  readonly waitP99: number | null
  readonly runP50: number | null
  readonly runP95: number | null
  readonly runP99: number | null
}

/** @param nextId creation times in ms, bumped to stay unique */
export function createHistory(db: Kysely<MonitorTables>, nextId: () => number): History {
  const written = new Map<string, { readonly state: string; readonly value: number | null; readonly at: number }>()
  const isNews = ({ check, subject, state, value }: CheckResult, at: number): boolean => {
    const key = `${check}\n${subject}`
    const known = written.get(key)
    if (known && known.state === state && known.value === value && at - known.at < REPEAT_MS) return false
    written.set(key, { state, value, at })
    return true
  }
  return {
    async add(look, results) {
      const rows = results.filter((result) => isNews(result, look.at)).map((result) => resultRow(nextId(), result))
      const samples = look.lanes.map((lane) => laneRow(nextId(), lane, look.at))
      await db.transaction().execute(async (transaction) => {
        for (const batch of batches(rows)) await transaction.insertInto('check_result').values(batch).execute()
        for (const batch of batches(samples)) await transaction.insertInto('lane_sample').values(batch).execute()
      })
    },

    async ofCheck(check, subject, window, nowMs) {
      const { lengthMs, stepMs } = WINDOWS[window]
      const rows = await db
        .selectFrom('check_result')
        .select((of) => [
          slotOf(stepMs).as('at'),
          of.fn.max('state').as('state'),
          of.fn.max('value').as('value'),
          of.fn.max('reason').as('reason'),
        ])
        .where('check_name', '=', check)
        .where('subject', '=', subject)
        .where('id', '>=', nowMs - lengthMs)
        .groupBy(slotOf(stepMs))
        .orderBy('at')
        .execute()
      return rows.map((row) => ({ ...row, state: CHECK_STATES[row.state]! }))
    },

    async ofLane(lane, window, nowMs) {
      const { lengthMs, stepMs } = WINDOWS[window]
      const rows = await db
        .selectFrom('lane_sample')
        .selectAll()
        .where((where) =>
          where(
            'id',
            'in',
            where
              .selectFrom('lane_sample')
              .select((of) => of.fn.max('id').as('id'))
              .where('lane', '=', lane)
              .where('id', '>=', nowMs - lengthMs)
              .groupBy(slotOf(stepMs)),
          ),
        )
        .orderBy('id')
        .execute()
      return rows.map((row) => ({
        at: row.id - (row.id % stepMs),
        ready: row.ready,
        running: row.running,
        capacity: row.capacity,
        oldestWaitMs: row.oldest_wait_ms,
        waitP50: row.wait_p50,
        waitP95: row.wait_p95,
        waitP99: row.wait_p99,
        runP50: row.run_p50,
        runP95: row.run_p95,
        runP99: row.run_p99,
      }))
    },

    async purge(beforeMs) {
      const removed = await Promise.all(
        (['check_result', 'lane_sample'] as const).map((table) =>
          db.deleteFrom(table).where('id', '<', beforeMs).executeTakeFirst(),
        ),
      )
      return removed.reduce((sum, { numDeletedRows }) => sum + Number(numDeletedRows), 0)
    },
  }
}

const slotOf = (stepMs: number) => sql<number>`id - id % ${sql.lit(stepMs)}`

const resultRow = (id: number, { check, subject, state, value, reason }: CheckResult): ResultRow => ({
  id,
  check_name: check,
  subject,
  state: CHECK_STATES.indexOf(state),
  value,
  reason: state === 'ok' ? null : reason,
})

const laneRow = (
  id: number,
  { name, ready, running, capacity, oldestReadyAt, wait, run }: Look['lanes'][number],
  at: number,
) => ({
  id,
  lane: name,
  ready,
  running,
  capacity,
  oldest_wait_ms: oldestReadyAt === null ? 0 : Math.max(0, at - oldestReadyAt),
  wait_p50: wait.p50,
  wait_p95: wait.p95,
  wait_p99: wait.p99,
  run_p50: run.p50,
  run_p95: run.p95,
  run_p99: run.p99,
})

function batches<Row>(rows: readonly Row[]): Row[][] {
  return Array.from({ length: Math.ceil(rows.length / BATCH_ROWS) }, (_, index) =>
    rows.slice(index * BATCH_ROWS, (index + 1) * BATCH_ROWS),
  )
}
