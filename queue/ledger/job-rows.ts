import { setImmediate } from 'node:timers/promises'
import type { AttemptRow, JobDetail, JobFilter, JobRow, JobState } from '../../src/contract/queue.ts'
import type { Desk } from './desk.ts'
import { STATE } from './state-code.ts'
import { JOB_COLUMNS, jobRowOf, type StoredJob } from './stored-job.ts'

/** The index that holds the jobs of one state alone. */
const INDEX_OF: Partial<Record<JobState, string>> = {
  scheduled: 'job_scheduled',
  ready: 'job_ready',
  cancelled: 'job_cancelled',
  dead: 'job_dead',
}

/** Rows that are looked at before others get their turn: some ms. */
const STRETCH = 5_000

/** One job with all that is known of it. */
export function readJob({ sql, lane }: Desk, id: number): JobDetail | undefined {
  const stored = sql.job.get(id)
  if (!stored) return undefined
  const { payload, result, ...rest } = stored
  const row = jobRowOf(lane, rest)
  return { ...row, payload, result, attempts: [...sql.attempts.all(id), ...lastAttempt(row)] }
}

/** The attempt that runs, or that succeeded, is told by the job's own row. */
function lastAttempt({ state, attempt, startedAt, endedAt, worker }: JobRow): AttemptRow[] {
  if (state === 'running') return [{ attempt, startedAt: startedAt!, endedAt: null, worker, verdict: null, reason: null }]
  return state === 'done' ? [{ attempt, startedAt: startedAt!, endedAt, worker, verdict: 'done', reason: null }] : []
}

/** Jobs, newest first. */
export async function listJobs(desk: Desk, filter: JobFilter): Promise<readonly JobRow[]> {
  const { state, token } = filter
  if (state === undefined || state === 'done') return listByWalking(desk, filter)
  if (state === 'running') return listKnown(desk, runningIds(desk, token), filter)
  if (state === 'ready' && token !== undefined) return listKnown(desk, desk.standing.readyOf(token), filter)
  return listByIndex(desk, filter, INDEX_OF[state]!)
}

const runningIds = ({ standing }: Desk, token: string | undefined): number[] =>
  [...standing.leases.values()].filter((job) => token === undefined || job.token === token).map(({ id }) => id)

function listKnown({ db, lane }: Desk, ids: readonly number[], { before = Infinity, limit }: JobFilter): readonly JobRow[] {
  const select = db.prepare<[number], StoredJob>(`select ${JOB_COLUMNS} from job where id = ?`)
  return ids
    .filter((id) => id < before)
    .sort((a, b) => b - a)
    .slice(0, limit)
    .map((id) => jobRowOf(lane, select.get(id)!))
}

function listByIndex({ db, lane }: Desk, filter: JobFilter, index: string): readonly JobRow[] {
  // The number has to stand in the text: it is what makes the partial index fit.
  const sql = `select ${JOB_COLUMNS} from job indexed by ${index} where state = ${STATE[filter.state!]} and id < @before
    and (@token is null or token = @token) order by id desc limit @limit`
  return db
    .prepare<object, StoredJob>(sql)
    .all({ before: filter.before ?? Number.MAX_SAFE_INTEGER, token: filter.token ?? null, limit: filter.limit })
    .map((stored) => jobRowOf(lane, stored))
}

/** Downwards by id, in stretches, because there is no index that would cost every job something for the sake of a list. */
async function listByWalking({ db, lane }: Desk, { state, token, before, limit }: JobFilter): Promise<readonly JobRow[]> {
  const lowest = db.prepare<[number, number], number | null>(
    'select min(id) from (select id from job where id < ? order by id desc limit ?)',
  )
  const select = db.prepare<object, StoredJob>(
    `select ${JOB_COLUMNS} from job where id < @before and id >= @from and (@state is null or state = @state)
    and (@token is null or token = @token) order by id desc limit @limit`,
  )
  const found: JobRow[] = []
  for (let end = before ?? Number.MAX_SAFE_INTEGER; found.length < limit; await setImmediate()) {
    const from = lowest.pluck().get(end, STRETCH) as number | null
    if (from === null) break
    const wanted = { before: end, from, state: state ? STATE[state] : null, token: token ?? null, limit: limit - found.length }
    found.push(...select.all(wanted).map((stored) => jobRowOf(lane, stored)))
    end = from
  }
  return found
}
