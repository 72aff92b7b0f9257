import type BetterSqlite3 from 'better-sqlite3'
import type { TokenLimit } from '../../src/contract/queue.ts'
import type { Running, Standing } from './standing.ts'
import { STATE, stateOf } from './state-code.ts'
import type { Statements } from './statements.ts'

type RunningRow = Omit<Running, 'place' | 'cancelRequested'> & { readonly cancelRequested: 0 | 1 }

/** Learn everything anew from the file. Reads the whole table once. */
export function readStanding(db: BetterSqlite3.Database, sql: Statements, standing: Standing): void {
  for (const state of Object.keys(STATE) as (keyof typeof STATE)[]) standing.counts[state] = 0
  const counted = db.prepare<[], { state: number; jobs: number }>('select state, count(*) as jobs from job group by state').all()
  for (const { state, jobs } of counted) standing.counts[stateOf(state)] = jobs
  standing.leases.clear()
  for (const row of runningRows(db)) {
    const place = standing.place(row.token)
    standing.leases.set(row.id, { ...row, place, cancelRequested: row.cancelRequested === 1 })
  }
  standing.isPaused = db.prepare("select value from setting where name = 'paused'").pluck().get() === 1
  readWaiting(db, sql, standing)
}

const runningRows = (db: BetterSqlite3.Database): RunningRow[] =>
  db
    .prepare<[], RunningRow>(
      `select id, attempt, level, token, worker, coalesce(lease_until, 0) as leaseUntil, started_at as startedAt, max_attempts as maxAttempts,
        timeout_ms as timeoutMs, cancel_requested as cancelRequested
      from job where state = ${STATE.running} order by id`,
    )
    .all()

/** Learn anew what waits and which limits there are, and who runs how much of what is known to run. */
function readWaiting(db: BetterSqlite3.Database, sql: Statements, standing: Standing): void {
  standing.clearWaiting()
  for (const limit of readLimits(db)) standing.setLimit(limit)
  const running = [...standing.leases.values()]
  standing.counts.running = 0
  for (const job of running) {
    job.place = standing.place(job.token)
    standing.enterRunning(job)
  }
  for (const [id, token, level, priority] of readyJobs(db)) standing.enterReady(standing.line(token, level, priority), id)
  for (const { token, level, jobs } of scheduledGroups(db)) standing.enterScheduled(standing.place(token), level, jobs)
  standing.dueAt = sql.dueAt.get() ?? undefined
}

/** The overrides, by token. */
export const readLimits = (db: BetterSqlite3.Database): TokenLimit[] =>
  db.prepare<[], TokenLimit>('select token, running, waiting from token_limit order by token').all()

/** Oldest first, so that tokens take turns in the order in which they came. */
const readyJobs = (db: BetterSqlite3.Database): Iterable<[id: number, token: string, level: number, priority: number]> =>
  db
    .prepare(`select id, token, level, priority from job indexed by job_ready where state = ${STATE.ready} order by id`)
    .raw()
    .iterate() as Iterable<[number, string, number, number]>

const scheduledGroups = (db: BetterSqlite3.Database): { token: string; level: number; jobs: number }[] =>
  db
    .prepare<[], { token: string; level: number; jobs: number }>(
      `select token, level, count(*) as jobs from job where state = ${STATE.scheduled} group by token, level`,
    )
    .all()
