import type { Arrivals } from './add-jobs.ts'
import type { Desk } from './desk.ts'
import type { Claim, LeasedJob, NewJob } from './ledger.ts'
import type { Running } from './standing.ts'
import type { LeasedRow } from './statements.ts'
import type { Line } from './turns.ts'

/** What a worker's places are filled from. */
interface Round {
  readonly desk: Desk
  readonly arrivals: Arrivals
  readonly claim: Claim
  readonly nowMs: number
}

/** Give a worker what its places and the limits of the tokens allow, in turn. A job of this batch is written here, leased already. */
export function claimJobs(desk: Desk, arrivals: Arrivals, claim: Claim, nowMs: number): readonly LeasedJob[] {
  if (desk.standing.isPaused) return []
  const round = { desk, arrivals, claim, nowMs }
  const picked = claim.free.flatMap((free, level) => pick(round, level, free))
  const fresh = picked.map(({ id }) => arrivals.take(id))
  const stored = readStored(
    round,
    picked.filter((_, index) => !fresh[index]),
  )
  return picked.map((running, index) => {
    const job = fresh[index]
    return job ? leaseFresh(round, running, job) : leaseStored(running, stored.get(running.id))
  })
}

/** Who gets the places of one level. Counts at once, because each turn depends on those before. */
function pick({ desk: { standing }, claim, nowMs }: Round, level: number, free: number): Running[] {
  const picked: Running[] = []
  while (picked.length < free) {
    const line = standing.next(level)
    if (!line) break
    const running = runningOf(standing.takeReady(line), line, claim, nowMs)
    standing.enterRunning(running)
    picked.push(running)
  }
  return picked
}

const runningOf = (id: number, { place, level }: Line, { worker, leaseUntil }: Claim, nowMs: number): Running => ({
  id,
  attempt: 1,
  level,
  token: place.token,
  worker,
  leaseUntil,
  startedAt: nowMs,
  maxAttempts: 1,
  timeoutMs: null,
  cancelRequested: false,
  place,
})

function leaseFresh({ desk: { sql }, claim, nowMs }: Round, running: Running, job: NewJob): LeasedJob {
  const { id, priority, maxAttempts, token, timeoutMs, key, payload } = job
  const { level } = running
  sql.insertRunning.run(
    id,
    level,
    priority,
    maxAttempts,
    nowMs,
    nowMs,
    token,
    timeoutMs,
    key,
    nowMs,
    claim.leaseUntil,
    claim.worker,
  )
  sql.insertPayload.run(id, payload)
  running.maxAttempts = maxAttempts
  running.timeoutMs = timeoutMs
  return { id, token, level, attempt: 1, maxAttempts, timeoutMs, payload, readyAt: nowMs }
}

/** Lease what is in the file, all of it in one statement. */
function readStored({ desk: { sql }, claim, nowMs }: Round, jobs: readonly Running[]): Map<number, LeasedRow> {
  const rows = new Map<number, LeasedRow>()
  if (jobs.length === 0) return rows
  const ids = JSON.stringify(jobs.map(({ id }) => id))
  sql.run.run(nowMs, claim.leaseUntil, claim.worker, ids)
  for (const row of sql.leased.all(ids)) rows.set(row.id, row)
  return rows
}

function leaseStored(running: Running, row: LeasedRow | undefined): LeasedJob {
  const { id, token, level } = running
  if (!row) throw new Error(`Job ${id} should be ready, but is not in the ledger.`)
  const { attempt, maxAttempts, timeoutMs, payload, readyAt } = row
  running.attempt = attempt
  running.maxAttempts = maxAttempts
  running.timeoutMs = timeoutMs
  return { id, token, level, attempt, maxAttempts, timeoutMs, payload, readyAt }
}
