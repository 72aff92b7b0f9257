import type BetterSqlite3 from 'better-sqlite3'
import type { AttemptRow } from '../../src/contract/queue.ts'
import { STATE } from './state-code.ts'
import { JOB_COLUMNS, type StoredJob } from './stored-job.ts'

/** A job as it is read when it was leased. */
export interface LeasedRow {
  readonly id: number
  readonly attempt: number
  readonly maxAttempts: number
  readonly timeoutMs: number | null
  readonly readyAt: number
  readonly payload: string
}

/** A scheduled job that is due. */
export interface DueRow {
  readonly id: number
  readonly token: string
  readonly level: number
  readonly priority: number
}

/** Just enough of a job to tell what may be done with it. */
export interface KnownRow extends DueRow {
  readonly state: number
}

/** A job with what lies beside its row. A short result lies in it. */
interface StoredDetail extends StoredJob {
  readonly payload: string
  readonly result: string | null
}

/** The statements of the hot paths, prepared once. */
export type Statements = ReturnType<typeof prepareStatements>

/** Prepare what every tick asks. */
export function prepareStatements(db: BetterSqlite3.Database) {
  return {
    insertReady: db.prepare<[number, number, number, number, number, number, string, number | null, string | null, number]>(
      `insert into job (id, level, priority, max_attempts, created_at, run_at, token, timeout_ms, key, state, attempt)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
    ),
    insertRunning: db.prepare<
      [number, number, number, number, number, number, string, number | null, string | null, number, number, string]
    >(
      `insert into job (id, level, priority, max_attempts, created_at, run_at, token, timeout_ms, key, started_at, lease_until, worker, state, attempt)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${STATE.running}, 1)`,
    ),
    insertPayload: db.prepare<[number, string]>('insert into payload (id, body) values (?, ?)'),
    insertResult: db.prepare<[number, string]>('insert or replace into result (id, body) values (?, ?)'),
    insertAttempt: db.prepare<[number, number, number, number, string, string, string | null]>(
      'insert into attempt (job_id, attempt, started_at, ended_at, worker, verdict, reason) values (?, ?, ?, ?, ?, ?, ?)',
    ),
    job: db.prepare<[number], StoredDetail>(
      `select ${JOB_COLUMNS}, payload.body as payload, coalesce(short_result, result.body) as result
      from job join payload using (id) left join result using (id) where id = ?`,
    ),
    attempts: db.prepare<[number], AttemptRow>(
      `select attempt, started_at as startedAt, ended_at as endedAt, worker, verdict, reason from attempt where job_id = ? order by number`,
    ),
    known: db.prepare<[number], KnownRow>('select id, state, token, level, priority from job where id = ?'),
    knownKey: db.prepare<[string], KnownRow>('select id, state, token, level, priority from job where key = ?'),
    run: db.prepare<[number, number, string, string]>(
      `update job set state = ${STATE.running}, attempt = attempt + 1, started_at = ?, lease_until = ?, worker = ?
      where id in (select value from json_each(?))`,
    ),
    leased: db.prepare<[string], LeasedRow>(
      `select job.id, attempt, max_attempts as maxAttempts, timeout_ms as timeoutMs, run_at as readyAt, body as payload
      from json_each(?) join job on job.id = value join payload on payload.id = value`,
    ),
    due: db.prepare<[number, number], DueRow>(
      `select id, token, level, priority from job where state = ${STATE.scheduled} and run_at <= ? order by run_at, id limit ?`,
    ),
    dueAt: db
      .prepare<[], number | null>(`select min(run_at) from job where state = ${STATE.scheduled}`)
      .pluck() as BetterSqlite3.Statement<[], number | null>,
    makeReady: db.prepare<[number]>(`update job set state = ${STATE.ready} where id = ?`),
    done: db.prepare<[number, number, string | null, number]>(
      `update job set state = ${STATE.done}, started_at = ?, ended_at = ?, reason = null, short_result = ? where id = ?`,
    ),
    end: db.prepare<[number, number, string | null, number, number, number]>(
      'update job set state = ?, attempt = ?, reason = ?, started_at = ?, ended_at = ? where id = ?',
    ),
    schedule: db.prepare<[number, number, string | null, number, number, number]>(
      `update job set state = ${STATE.scheduled}, run_at = ?, attempt = ?, reason = ?, started_at = ?, ended_at = ?, cancel_requested = 0
      where id = ?`,
    ),
    renew: db.prepare<[number, number]>('update job set lease_until = ? where id = ?'),
    insertEnding: db.prepare<[number, string]>('insert or replace into ending (number, ids) values (?, ?)'),
    deleteEnding: db.prepare<[number]>('delete from ending where number = ?'),
  }
}
