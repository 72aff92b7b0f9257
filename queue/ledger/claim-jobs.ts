import type { Arrivals } from './add-jobs.ts'
import type { Desk } from './desk.ts'
import type { Claim, LeasedJob, NewJob } from './ledger.ts'
import type { Running } from './standing.ts'
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
  const leased: LeasedJob[] = []
  if (desk.standing.isPaused) return leased
  const round = { desk, arrivals, claim, nowMs }
  for (const [level, free] of claim.free.entries()) {
    for (let place = 0; place < free; place++) {
      const line = desk.standing.next(level)
      if (!line) break
      leased.push(lease(round, line))
    }
  }
  return leased
}

function lease(round: Round, line: Line): LeasedJob {
  const { standing } = round.desk
  const id = standing.takeReady(line)
  const fresh = round.arrivals.take(id)
  const job = fresh ? leaseFresh(round, line, fresh) : leaseStored(round, line, id)
  standing.enterRunning(runningOf(job, line, round))
  return job
}

function leaseFresh({ desk: { sql }, claim: { worker, leaseUntil }, nowMs }: Round, { level }: Line, job: NewJob): LeasedJob {
  const { id, priority, maxAttempts, token, timeoutMs, key, payload } = job
  sql.insertRunning.run(id, level, priority, maxAttempts, nowMs, nowMs, token, timeoutMs, key, nowMs, leaseUntil, worker)
  sql.insertPayload.run(id, payload)
  return { id, token, level, attempt: 1, maxAttempts, timeoutMs, payload, readyAt: nowMs }
}

function leaseStored(
  { desk: { sql }, claim: { worker, leaseUntil }, nowMs }: Round,
  { level, place }: Line,
  id: number,
): LeasedJob {
  const row = sql.ready.get(id)
  if (!row) throw new Error(`Job ${id} should be ready, but is not in the ledger.`)
  sql.run.run(nowMs, leaseUntil, worker, id)
  const { attempt, maxAttempts, timeoutMs, payload, readyAt } = row
  return { id, token: place.token, level, attempt: attempt + 1, maxAttempts, timeoutMs, payload, readyAt }
}

const runningOf = ({ id, attempt, level, token, maxAttempts, timeoutMs }: LeasedJob, { place }: Line, round: Round): Running => ({
  id,
  attempt,
  level,
  token,
  worker: round.claim.worker,
  leaseUntil: round.claim.leaseUntil,
  startedAt: round.nowMs,
  maxAttempts,
  timeoutMs,
  cancelRequested: false,
  place,
})
