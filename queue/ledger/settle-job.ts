import type { Desk } from './desk.ts'
import type { Settlement } from './ledger.ts'
import type { Running } from './standing.ts'
import { STATE } from './state-code.ts'

/** Characters of a result that lies in the job's own row. */
const SHORT_RESULT = 200

/** Write how an attempt ended. @returns false where it was not the current one any more */
export function settleJob(desk: Desk, settlement: Settlement): boolean {
  const job = desk.standing.leases.get(settlement.id)
  if (job?.attempt !== settlement.attempt) return false
  desk.standing.leaveRunning(job)
  if (settlement.verdict !== 'done') writeAttempt(desk, job, settlement)
  if (settlement.patch.state === 'scheduled') schedule(desk, job, settlement)
  else end(desk, settlement, settlement.patch.state)
  return true
}

/** A `done` attempt needs no row: the job's own says it all. */
function writeAttempt({ sql }: Desk, { worker }: Running, { id, attempt, startedAt, endedAt, verdict, patch }: Settlement): void {
  sql.insertAttempt.run(id, attempt, startedAt, endedAt, worker, verdict, patch.reason)
}

function schedule({ sql, standing }: Desk, job: Running, { patch, startedAt, endedAt }: Settlement): void {
  const runAt = patch.runAt ?? endedAt
  sql.schedule.run(runAt, patch.attempt, patch.reason, startedAt, endedAt, job.id)
  // Not the place it ran in: of a nested job's token nothing else may have been left, and it was forgotten.
  standing.enterScheduled(standing.place(job.token), job.level)
  standing.dueAt = Math.min(standing.dueAt ?? runAt, runAt)
}

function end({ sql, standing, endings }: Desk, settlement: Settlement, state: 'done' | 'cancelled' | 'dead'): void {
  const { id, patch, startedAt, endedAt } = settlement
  if (state === 'done') writeDone(sql, settlement)
  else sql.end.run(STATE[state], patch.attempt, patch.reason, startedAt, endedAt, id)
  standing.counts[state] += 1
  endings.add(id)
}

function writeDone(sql: Desk['sql'], { id, startedAt, endedAt, result }: Settlement): void {
  const isShort = result === null || result.length <= SHORT_RESULT
  sql.done.run(startedAt, endedAt, isShort ? result : null, id)
  if (!isShort) sql.insertResult.run(id, result)
}
