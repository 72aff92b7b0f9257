import type { AttemptRow, JobDetail, JobFilter, JobRow, JobState, TokenLimit, TokenLoad } from '../../src/contract/queue.ts'
import type { JobPatch } from '../judge.ts'

/** A job on its way in. */
export interface NewJob {
  readonly id: number
  readonly token: string
  /** One that is deeper than the lane's levels stands at the deepest. */
  readonly level: number
  readonly priority: number
  readonly runAt: number
  readonly key: string | null
  readonly maxAttempts: number
  /** null: the lane's own. */
  readonly timeoutMs: number | null
  /** JSON text. */
  readonly payload: string
}

/** What became of one. */
export type Added =
  /** `isNew` false: the id or the key was known; `state` says where that job stands. */
  | { readonly id: number; readonly isNew: boolean; readonly state: JobState }
  /** Too many of its token wait at its level already. */
  | { readonly refused: 'queuePerToken'; readonly limit: number }

/** A job on its way to a worker. Its attempt is counted. */
export interface LeasedJob {
  readonly id: number
  readonly token: string
  readonly level: number
  readonly attempt: number
  readonly maxAttempts: number
  readonly timeoutMs: number | null
  readonly payload: string
  /** When it became ready, ms. */
  readonly readyAt: number
}

/** The end of one attempt. */
export interface Settlement {
  readonly id: number
  /** Fencing: an attempt that is not the current one any more changes nothing. */
  readonly attempt: number
  readonly patch: JobPatch
  readonly verdict: NonNullable<AttemptRow['verdict']>
  /** JSON text of a `done` verdict. */
  readonly result: string | null
  readonly startedAt: number
  readonly endedAt: number
}

/** Places that a worker offers. */
export interface Claim {
  readonly worker: string
  /** Free places by level of nesting. */
  readonly free: readonly number[]
  readonly leaseUntil: number
}

/** What one tick of the pump wants done. */
export interface Batch {
  readonly nowMs: number
  readonly add: readonly NewJob[]
  readonly settle: readonly Settlement[]
  /** In this order; jobs that were added in the same batch may be claimed at once. */
  readonly claim: readonly Claim[]
  /** Ends that were announced since the last tick, as `Ledger.announced` takes them; saves a transaction. */
  readonly announced?: readonly number[]
}

/** What came of it, in the order of the batch. */
export interface Committed {
  readonly added: readonly Added[]
  /** false: the attempt was over already (its lease had run out, the job was called off). */
  readonly settled: readonly boolean[]
  readonly claimed: readonly (readonly LeasedJob[])[]
}

/** Jobs by state. */
type Counts = Readonly<Record<JobState, number>>

/** A lease as it stands. */
export interface Lease {
  readonly id: number
  readonly attempt: number
  readonly level: number
  readonly token: string
  readonly worker: string
  readonly leaseUntil: number
  readonly startedAt: number
  readonly maxAttempts: number
  readonly timeoutMs: number | null
  readonly cancelRequested: boolean
}

/**
 * The jobs of one lane, on disk.
 *
 * Nothing outside this folder knows how they are stored. What is resolved is on disk. All that a claim decides (limits per token, turns between
 * tokens, priority) is decided in here. Every implementation passes `test/queue/ledger.conformance.ts`.
 */
export interface Ledger {
  /** Do one tick's work in one transaction: all of it or nothing. @throws Fault `unavailable` where the disk refuses */
  commit(batch: Batch): Promise<Committed>
  /** Renew leases until a time. @returns those ids that are not leased in this attempt any more */
  renew(leases: readonly { readonly id: number; readonly attempt: number }[], until: number): Promise<readonly number[]>
  /** Leases that ended before a time. */
  expired(nowMs: number, limit: number): Promise<readonly Lease[]>
  /** All leases, or one worker's. */
  leases(worker?: string): Promise<readonly Lease[]>
  /** After the front started: nobody can have taken over meanwhile, so every lease holds until at least then. */
  takeOver(until: number): Promise<void>
  /** When the next scheduled job is due; undefined when none is. Costs no query. */
  nextDueAt(): number | undefined
  /** Whether a claim could get something: a ready job whose token has room, in a lane that is not paused. Costs no query. */
  hasReady(): boolean
  /** Costs no query. */
  counts(): Counts
  oldestReadyAt(): Promise<number | null>
  /** The tokens nearest their limits, highest share first. Costs no query. */
  loads(limit: number): readonly TokenLoad[]

  get(id: number): Promise<JobDetail | undefined>
  /** Newest first, by the time that their ids tell. */
  list(filter: JobFilter): Promise<readonly JobRow[]>
  /** The highest id that a job has or had; 0 for none. Costs no query. */
  lastId(): number
  /** What a cancellation did: a waiting job is `cancelled`, a running one is marked and `running`, else the state that it has already. */
  cancel(id: number, reason: string, nowMs: number): Promise<JobState | undefined>
  /**
   * Dead or cancelled → ready, with a new set of attempts; they go on counting, so that none is taken for an earlier one (`maxAttempts` grows).
   *
   * @returns the state that it had, undefined for no job
   */
  retry(id: number, nowMs: number): Promise<JobState | undefined>
  /** Dead → cancelled. @returns the state that it had */
  discard(id: number, nowMs: number): Promise<JobState | undefined>
  /** Final jobs whose end was not announced, oldest first. */
  unannounced(limit: number): Promise<readonly JobDetail[]>
  announced(ids: readonly number[]): Promise<void>
  /** Remove final jobs that ended before these times, announced ones alone. @returns how many */
  purge(before: { readonly over: number; readonly dead: number }, limit: number): Promise<number>

  isPaused(): boolean
  setPaused(paused: boolean): Promise<void>
  limits(): Promise<readonly TokenLimit[]>
  setLimit(limit: TokenLimit): Promise<void>
  close(): Promise<void>
}

/** What a ledger has to know of its lane's policy. */
export interface LedgerPolicy {
  readonly perToken: number
  readonly queuePerToken: number
  readonly levels: number
}
