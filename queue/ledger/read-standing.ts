import type BetterSqlite3 from 'better-sqlite3'
import type { JobState, TokenLimit } from '../../src/contract/queue.ts'
import type { Running, Standing } from './standing.ts'
import { STATE } from './state-code.ts'
import type { Statements } from './statements.ts'

type RunningRow = Omit<Running, 'place' | 'cancelRequested'> & { readonly cancelRequested: 0 | 1 }

/** Learn everything anew from the file. Reads the whole table once, for the running jobs; there is an index for everything else. */
export function readStanding(db: BetterSqlite3.Database, sql: Statements, standing: Standing): void {
  standing.clear()
  standing.isPaused = db.prepare("select value from setting where name = 'paused'").pluck().get() === 1
  for (const limit of readLimits(db)) standing.setLimit(limit)
  for (const row of runningRows(db)) {
    standing.enterRunning({ ...row, place: standing.place(row.token), cancelRequested: row.cancelRequested === 1 })
  }
  for (const [id, token, level, priority] of readyJobs(db)) standing.enterReady(standing.line(token, level, priority), id)
  for (const { token, level, jobs } of scheduledGroups(db)) standing.enterScheduled(standing.place(token), level, jobs)
  standing.dueAt = sql.dueAt.get() ?? undefined
  for (const state of ['done', 'cancelled', 'dead'] as const) standing.counts[state] = countOf(db, state)
}

const countOf = (db: BetterSqlite3.Database, state: JobState): number =>
  db.prepare(`select count(*) from job where state = ${STATE[state]}`).pluck().get() as number

const runningRows = (db: BetterSqlite3.Database): RunningRow[] =>
  db
    .prepare<[], RunningRow>(
      `select id, attempt, level, token, worker, lease_until as leaseUntil, started_at as startedAt, max_attempts as maxAttempts,
        timeout_ms as timeoutMs, cancel_requested as cancelRequested
      from job where state = ${STATE.running} order by id`,
    )
    .all()

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
