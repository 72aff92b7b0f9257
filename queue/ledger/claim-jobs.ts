import type { Desk } from './desk.ts'
import type { Claim, LeasedJob } from './ledger.ts'
import type { Running } from './standing.ts'
import type { ReadyRow } from './statements.ts'
import { type Line, lengthOf } from './turns.ts'

/** Give workers what their places and the limits of the tokens allow, in turn. A job of this batch is written here, leased already. */
export function claimJobs(desk: Desk, claims: readonly Claim[], nowMs: number): readonly (readonly LeasedJob[])[] {
  if (desk.standing.isPaused) return claims.map(() => [])
  const readAhead = new Set<Line>()
  const leased = claims.map((claim) => fillPlaces({ desk, claim, nowMs, readAhead }))
  for (const line of readAhead) forgetReadAhead(line)
  return leased
}

interface Round {
  readonly desk: Desk
  readonly claim: Claim
  readonly nowMs: number
  /** Lines of which more was read than was claimed, perhaps. */
  readonly readAhead: Set<Line>
}

function fillPlaces(round: Round): LeasedJob[] {
  const { claim, desk } = round
  const leased: LeasedJob[] = []
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
  const { desk, claim, nowMs } = round
  const job = line.stored > 0 ? leaseStored(round, line) : leaseFresh(round, line)
  desk.standing.leaveReady(line)
  desk.standing.enterRunning(runningOf(job, line, claim, nowMs))
  if (lengthOf(line) > 0) desk.standing.queue(line)
  return job
}

function leaseFresh({ desk: { sql }, claim: { worker, leaseUntil }, nowMs }: Round, line: Line): LeasedJob {
  const fresh = line.fresh[line.freshHead]!
  line.freshHead += 1
  fresh.isTaken = true
  const { id, priority, maxAttempts, token, timeoutMs, key, payload } = fresh.job
  sql.insertRunning.run(id, line.level, priority, maxAttempts, nowMs, nowMs, token, timeoutMs, key, nowMs, leaseUntil, worker)
  sql.insertPayload.run(id, payload)
  return { id, token, level: line.level, attempt: 1, maxAttempts, timeoutMs, payload, readyAt: nowMs }
}

function leaseStored({ desk: { sql }, claim: { worker, leaseUntil }, nowMs, readAhead }: Round, line: Line): LeasedJob {
  const { id, attempt, maxAttempts, timeoutMs, payload, readyAt } = nextStored(sql, line, readAhead)
  line.stored -= 1
  sql.run.run(nowMs, leaseUntil, worker, id)
  return { id, token: line.place.token, level: line.level, attempt: attempt + 1, maxAttempts, timeoutMs, payload, readyAt }
}

/** Reads twice as many each time, because how many turns a token gets is not known before. */
function nextStored(sql: Desk['sql'], line: Line, readAhead: Set<Line>): ReadyRow {
  if (line.ahead.length === 0) {
    line.readAhead = Math.min(line.stored, Math.max(1, 2 * line.readAhead))
    line.ahead = sql.ready.all(line.place.token, line.level, line.priority, line.readAhead).reverse()
    readAhead.add(line)
  }
  const row = line.ahead.pop()
  if (!row) throw new Error(`${line.stored} jobs of ${line.place.token} should be ready, but none is.`)
  return row
}

const runningOf = (
  { id, attempt, level, token, maxAttempts, timeoutMs }: LeasedJob,
  line: Line,
  claim: Claim,
  nowMs: number,
): Running => ({
  id,
  attempt,
  level,
  token,
  worker: claim.worker,
  leaseUntil: claim.leaseUntil,
  startedAt: nowMs,
  maxAttempts,
  timeoutMs,
  cancelRequested: false,
  place: line.place,
})

function forgetReadAhead(line: Line): void {
  line.ahead = []
  line.readAhead = 0
}
