import type { Batch, Claim, LeasedJob, NewJob, Settlement } from '../../../queue/ledger/ledger.ts'

/** What tests call the present. */
export const NOW = 1_700_000_000_000

/** A job of the token `token:1` that is due. */
export const newJob = (id: number, fields: Partial<NewJob> = {}): NewJob => ({
  id,
  token: 'token:1',
  level: 0,
  priority: 0,
  runAt: NOW,
  key: null,
  maxAttempts: 3,
  timeoutMs: null,
  payload: `{"job":${id}}`,
  ...fields,
})

/** Jobs with the ids from one number to another. */
export const newJobs = (from: number, to: number, fields: Partial<NewJob> = {}): NewJob[] =>
  Array.from({ length: to - from + 1 }, (_, index) => newJob(from + index, fields))

/** A tick in which nothing else happens. */
export const batch = (fields: Partial<Batch>): Batch => ({ nowMs: NOW, add: [], settle: [], claim: [], ...fields })

/** Places of `worker-1`, by level. */
export const claim = (...free: number[]): Claim => ({ worker: 'worker-1', free, leaseUntil: NOW + 30_000 })

type Attempt = Pick<LeasedJob, 'id' | 'attempt'>

const ending = ({ id, attempt }: Attempt, fields: Pick<Settlement, 'patch' | 'verdict'> & Partial<Settlement>): Settlement => ({
  id,
  attempt,
  result: null,
  startedAt: NOW + 1,
  endedAt: NOW + 2,
  ...fields,
})

/** The attempt succeeded. */
export const done = (job: Attempt, fields: Partial<Settlement> = {}): Settlement =>
  ending(job, {
    verdict: 'done',
    patch: { state: 'done', attempt: job.attempt, runAt: null, reason: null },
    result: '{"ok":true}',
    ...fields,
  })

/** The attempt failed; the next is due at `runAt`. */
export const failed = (job: Attempt, runAt: number): Settlement =>
  ending(job, { verdict: 'retry', patch: { state: 'scheduled', attempt: job.attempt, runAt, reason: 'The line broke.' } })

/** The attempt was the last. */
export const died = (job: Attempt): Settlement =>
  ending(job, { verdict: 'retry', patch: { state: 'dead', attempt: job.attempt, runAt: null, reason: 'The line broke.' } })

/** The attempt cannot succeed, or was called off. */
export const calledOff = (job: Attempt): Settlement =>
  ending(job, { verdict: 'cancel', patch: { state: 'cancelled', attempt: job.attempt, runAt: null, reason: 'Not wanted.' } })

/** Not yet; the attempt is given back. */
export const snoozed = (job: Attempt, runAt: number): Settlement =>
  ending(job, { verdict: 'snooze', patch: { state: 'scheduled', attempt: job.attempt - 1, runAt, reason: null } })
