import { setImmediate } from 'node:timers/promises'
import type { AttemptRow, JobDetail, JobFilter, JobRow, JobState } from '../../src/contract/queue.ts'
import type { Desk } from './desk.ts'
import { FIRST_IN_MICROSECONDS, firstMillisFrom, MADE_AT, madeAtMicros } from './made-at.ts'
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
  standing.leases
    .values()
    .filter((job) => token === undefined || job.token === token)
    .map(({ id }) => id)

function listKnown({ db, lane }: Desk, ids: readonly number[], { before, limit }: JobFilter): readonly JobRow[] {
  const select = db.prepare<[number], StoredJob>(`select ${JOB_COLUMNS} from job where id = ?`)
  const end = endOf(before)
  return ids
    .filter((id) => madeAtMicros(id) < end)
    .sort((a, b) => madeAtMicros(b) - madeAtMicros(a))
    .slice(0, limit)
    .map((id) => jobRowOf(lane, select.get(id)!))
}

const endOf = (before: number | undefined): number => (before === undefined ? Number.MAX_SAFE_INTEGER : madeAtMicros(before))

function listByIndex({ db, lane }: Desk, { state, token, before, limit }: JobFilter, index: string): readonly JobRow[] {
  // The number has to stand in the text: it is what makes the partial index fit.
  const sql = `select ${JOB_COLUMNS} from job indexed by ${index} where state = ${STATE[state!]} and ${MADE_AT} < @end
    and (@token is null or token = @token) order by ${MADE_AT} desc limit @limit`
  return db
    .prepare<object, StoredJob>(sql)
    .all({ end: endOf(before), token: token ?? null, limit })
    .map((stored) => jobRowOf(lane, stored))
}

/** Ids of both kinds are ordered each among themselves, so each kind is walked by itself. */
async function listByWalking(desk: Desk, filter: JobFilter): Promise<readonly JobRow[]> {
  const end = endOf(filter.before)
  const own = await walk(desk, filter, { from: FIRST_IN_MICROSECONDS, end })
  const ofLetters = await walk(desk, filter, { from: 0, end: Math.min(FIRST_IN_MICROSECONDS, firstMillisFrom(end)) })
  return [...own, ...ofLetters].sort((a, b) => madeAtMicros(b.id) - madeAtMicros(a.id)).slice(0, filter.limit)
}

/** Downwards by id, in stretches, because there is no index that would cost every job something for the sake of a list. */
async function walk(
  { db, lane }: Desk,
  { state, token, limit }: JobFilter,
  range: { readonly from: number; readonly end: number },
): Promise<readonly JobRow[]> {
  const lowest = db.prepare<[number, number, number], number | null>(
    'select min(id) from (select id from job where id < ? and id >= ? order by id desc limit ?)',
  )
  const select = db.prepare<object, StoredJob>(
    `select ${JOB_COLUMNS} from job where id < @end and id >= @from and (@state is null or state = @state)
    and (@token is null or token = @token) order by id desc limit @limit`,
  )
  const found: JobRow[] = []
  for (let { end } = range; found.length < limit; await setImmediate()) {
    const from = lowest.pluck().get(end, range.from, STRETCH) as number | null
    if (from === null) break
    const wanted = { end, from, state: state ? STATE[state] : null, token: token ?? null, limit: limit - found.length }
    found.push(...select.all(wanted).map((stored) => jobRowOf(lane, stored)))
    end = from
  }
  return found
}
