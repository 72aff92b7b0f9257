import type { JobState } from '../../src/contract/queue.ts'
import type { Desk } from './desk.ts'
import { STATE, stateOf } from './state-code.ts'
import type { KnownRow } from './statements.ts'

/** Call a job off: one that waits is over, one that runs is marked. @returns the state that it has now, undefined for no job */
export function cancelJob(desk: Desk, id: number, reason: string, nowMs: number): JobState | undefined {
  const job = desk.sql.known.get(id)
  if (!job) return undefined
  const state = stateOf(job.state)
  if (state === 'running') markRunning(desk, id, reason)
  if (state !== 'ready' && state !== 'scheduled') return state
  leaveLine(desk, job)
  finish(desk, id, reason, nowMs)
  return 'cancelled'
}

function markRunning({ db, standing }: Desk, id: number, reason: string): void {
  db.prepare('update job set cancel_requested = 1, reason = ? where id = ?').run(reason, id)
  standing.leases.get(id)!.cancelRequested = true
}

function leaveLine({ standing }: Desk, { id, state, token, level, priority }: KnownRow): void {
  const line = standing.line(token, level, priority)
  if (state === STATE.scheduled) standing.leaveScheduled(line.place, level)
  else standing.leaveReady(line, id)
}

function finish({ db, sql, standing, endings }: Desk, id: number, reason: string, nowMs: number): void {
  db.prepare(`update job set state = ${STATE.cancelled}, reason = ?, ended_at = ? where id = ?`).run(reason, nowMs, id)
  standing.counts.cancelled += 1
  standing.dueAt = sql.dueAt.get() ?? undefined
  endings.add(id)
}

/** Dead or cancelled → ready. @returns the state that it had, undefined for no job */
export function retryJob({ db, sql, standing, endings }: Desk, id: number, nowMs: number): JobState | undefined {
  const job = sql.known.get(id)
  const state = job && stateOf(job.state)
  if (state !== 'dead' && state !== 'cancelled') return state
  // Attempts go on counting, so that none is ever taken for an earlier one.
  db.prepare(
    `update job set state = ${STATE.ready}, run_at = ?, tries = coalesce(tries, max_attempts), max_attempts = attempt + coalesce(tries, max_attempts),
      cancel_requested = 0, reason = null where id = ?`,
  ).run(nowMs, id)
  const line = standing.line(job!.token, job!.level, job!.priority)
  standing.counts[state] -= 1
  standing.enterReady(line, id)
  endings.remove(id)
  return state
}

/** Dead → cancelled. @returns the state that it had, undefined for no job */
export function discardJob({ db, sql, standing }: Desk, id: number, nowMs: number): JobState | undefined {
  const job = sql.known.get(id)
  const state = job && stateOf(job.state)
  if (state !== 'dead') return state
  db.prepare(`update job set state = ${STATE.cancelled}, ended_at = ? where id = ?`).run(nowMs, id)
  standing.counts.dead -= 1
  standing.counts.cancelled += 1
  return state
}
