import type { JobRow } from '../../src/contract/queue.ts'
import { stateOf } from './state-code.ts'

/** A job's row as SQLite gives it. */
export interface StoredJob extends Omit<JobRow, 'lane' | 'state' | 'cancelRequested'> {
  readonly state: number
  readonly cancelRequested: number
}

/** The columns of {@link StoredJob}. */
export const JOB_COLUMNS = `id, state, token, key, priority, level, attempt, max_attempts as maxAttempts, created_at as createdAt, run_at as runAt,
  started_at as startedAt, ended_at as endedAt, worker, reason, cancel_requested as cancelRequested`

/** The row as others see it. */
export const jobRowOf = (lane: string, stored: StoredJob): JobRow => ({
  ...stored,
  lane,
  state: stateOf(stored.state),
  cancelRequested: stored.cancelRequested === 1,
})
