import type { z } from 'zod'
import type { Lane } from './lane.ts'

/**
 * Where a job stands.
 *
 * `scheduled` waits for its time (also: for its next attempt), `ready` for its turn; `running` is leased to a worker. The others are final:
 * `done` has a result, `cancelled` was called off or cannot succeed, `dead` ran out of attempts and waits for an operator.
 */
export const JOB_STATES = ['scheduled', 'ready', 'running', 'done', 'cancelled', 'dead'] as const

export type JobState = (typeof JOB_STATES)[number]

/** What goes with a payload. */
export interface JobOptions {
  /** Whose place it takes and whose turn it waits for: `token:<id>`, `user:<id>`, `system`. See `placeOf`. */
  readonly token: string
  /** Same key, same lane: same job, as long as it is kept. */
  readonly key?: string
  /** Higher goes first; -100 to 100, default 0. */
  readonly priority?: number
  /** Not before, in ms since the epoch. */
  readonly runAt?: number
  /** How deep it is nested in jobs of its own lane that wait for it. Default 0. */
  readonly level?: number
  /** Attempts, where the lane's default does not fit. */
  readonly maxAttempts?: number
  /** Longest that one attempt may run, in ms, where the lane's default does not fit. */
  readonly timeoutMs?: number
}

/** What goes with a job that somebody waits for. */
export interface RunOptions extends JobOptions {
  /** Cancels the job, running or not. */
  readonly signal: AbortSignal
  /** Longest wait for a turn, in ms, where the lane's default does not fit. */
  readonly maxWaitMs?: number
  /** What the task reports while it runs. */
  readonly onChunk?: (chunk: unknown) => void
}

/** A job as a handler sees it. */
export interface RunningJob {
  readonly id: number
  readonly lane: string
  readonly token: string
  readonly attempt: number
  readonly level: number
  /** Parsed. */
  readonly payload: unknown
}

/** How a job ended for good. */
export interface SettledJob extends RunningJob {
  readonly state: 'done' | 'cancelled' | 'dead'
  /** Parsed; only of a `done` job. */
  readonly result: unknown
  readonly reason: string | null
  /** When its last attempt began and ended, ms since the epoch; null where it never ran. */
  readonly startedAt: number | null
  readonly endedAt: number
}

/** What a module answers for its lane; also for jobs that an earlier front had begun. */
export interface LaneHandler {
  /**
   * A task's question, e.g. to call a tool. What is thrown reaches the task as an error: a `Fault` with its message, anything else as `internal`.
   *
   * @param signal aborts when the attempt is over
   */
  ask?(job: RunningJob, name: string, body: unknown, signal: AbortSignal): Promise<unknown>
  /**
   * A job is over. Called for each, before whoever waits is told; nobody but the stop of the gateway waits for what it does then. It is called
   * again after a crash for each whose promise had not resolved.
   */
  settled?(job: SettledJob): Promise<void>
}

/** A job in a list. Times in ms since the epoch. */
export interface JobRow {
  readonly id: number
  readonly lane: string
  readonly state: JobState
  readonly token: string
  readonly key: string | null
  readonly priority: number
  readonly level: number
  readonly attempt: number
  readonly maxAttempts: number
  readonly createdAt: number
  readonly runAt: number
  /** Of the last attempt. */
  readonly startedAt: number | null
  readonly endedAt: number | null
  readonly worker: string | null
  readonly reason: string | null
  readonly cancelRequested: boolean
}

/** One attempt of a job. */
export interface AttemptRow {
  readonly attempt: number
  readonly startedAt: number
  /** null while it runs. */
  readonly endedAt: number | null
  readonly worker: string | null
  readonly verdict: 'done' | 'retry' | 'snooze' | 'cancel' | 'lost' | null
  readonly reason: string | null
}

/** A job with all that is known of it. */
export interface JobDetail extends JobRow {
  /** JSON text. */
  readonly payload: string
  /** JSON text; null where there is none. */
  readonly result: string | null
  readonly attempts: readonly AttemptRow[]
}

/** Which jobs to list, newest first. */
export interface JobFilter {
  readonly state?: JobState
  readonly token?: string
  /** Only ones that were made before that of this id. */
  readonly before?: number
  readonly limit: number
}

/** Milliseconds below which half, 95 % and 99 % of the last five minutes lie; null where nothing happened. */
export interface Quantiles {
  readonly p50: number | null
  readonly p95: number | null
  readonly p99: number | null
}

/** How one token stands in a lane. */
export interface TokenLoad {
  readonly token: string
  readonly running: number
  readonly runningLimit: number
  readonly waiting: number
  readonly waitingLimit: number
}

/** How a lane stands right now. Reading it costs no query. */
export interface LaneState {
  readonly name: string
  readonly summary: string
  readonly paused: boolean
  readonly policy: LanePolicyView
  /** Workers connected that serve it. */
  readonly workers: number
  readonly scheduled: number
  readonly ready: number
  readonly running: number
  readonly dead: number
  /** Jobs that the connected workers take at once. */
  readonly capacity: number
  /** Share of the threads' time that was spent working, 0 to 1; null without a worker. */
  readonly utilisation: number | null
  /** When the job that has been ready longest became so; null when none is. */
  readonly oldestReadyAt: number | null
  readonly wait: Quantiles
  readonly run: Quantiles
  /** Since the front started. */
  readonly totals: {
    readonly added: number
    readonly done: number
    readonly retried: number
    readonly cancelled: number
    readonly dead: number
    /** Leases that ran out, and workers that died. */
    readonly lost: number
    /** By limit: `queuePerToken`, `maxWaitMs`, `maxPayloadBytes`, `no_worker`, `paused`. */
    readonly refused: Readonly<Record<string, number>>
  }
  /** The tokens nearest their limits, at most twenty. */
  readonly tokens: readonly TokenLoad[]
}

type LanePolicyView = Lane['policy']

/** A worker process as the front knows it. */
export interface WorkerState {
  /** `worker-1`; unique among those connected. */
  readonly name: string
  readonly pid: number
  readonly connectedAt: number
  /** Connected, but not heard of for a while: stopped or stuck. It is given no jobs. */
  readonly isSilent: boolean
  readonly lanes: readonly string[]
  readonly running: number
  /** What it said of itself last; null before the first time. */
  readonly vitals: Vitals | null
}

/** How a process fares. */
export interface Vitals {
  readonly startedAt: number
  readonly rssBytes: number
  readonly heapBytes: number
  /** 99th percentile of the last seconds, in ms. */
  readonly eventLoopDelayMs: number
  /** Share of one core, of the last seconds. */
  readonly cpu: number
  readonly threads: number
}

/** An override of a lane's limits for one token; null stands for the lane's own. */
export interface TokenLimit {
  readonly token: string
  readonly running: number | null
  readonly waiting: number | null
}

/** The lanes and their jobs: work that must not run in the front. */
export interface Queue {
  /**
   * Add a job and wait for its result.
   *
   * @throws Fault `busy` (too many of this token wait, or it had no turn in time), `unavailable` (no worker serves the lane), `too_large`,
   * `invalid` (the payload does not fit), `timeout` (its last attempt ran too long), `cancelled` (by signal or by an operator), or the code
   * of a `cancel` verdict
   */
  run<P extends z.ZodType, R extends z.ZodType>(lane: Lane<P, R>, payload: z.input<P>, options: RunOptions): Promise<z.output<R>>
  /**
   * Add a job that nobody waits for. Resolves when it is on disk.
   *
   * @param options `id`: the job's own, e.g. of the outbox letter that brought it: the same id twice is one job
   * @throws Fault `busy`, `too_large`, `invalid`, `unavailable` (the front stops)
   */
  add<P extends z.ZodType>(
    lane: Lane<P>,
    payload: z.input<P>,
    options: JobOptions & { readonly id?: number },
  ): Promise<{ readonly id: number; readonly isNew: boolean }>
  /** Answer for a lane. Each lane has one handler at most. */
  handle(lane: Lane, handler: LaneHandler): void

  lanes(): readonly LaneState[]
  workers(): readonly WorkerState[]
  /** @throws Fault `not_found` for an unknown lane; so do all below */
  jobs(lane: string, filter: JobFilter): Promise<readonly JobRow[]>
  job(lane: string, id: number): Promise<JobDetail | undefined>
  /** Give a dead or cancelled job a new set of attempts. @throws Fault `not_found`, `conflict` for any other state */
  retry(lane: string, id: number): Promise<void>
  /** Call a job off; one that runs is told to stop. @throws Fault `not_found`, `conflict` where it is over */
  cancel(lane: string, id: number, reason: string): Promise<void>
  /** Drop a dead job: it becomes `cancelled`. @throws Fault `not_found`, `conflict` */
  discard(lane: string, id: number): Promise<void>
  /** Let nothing new run; what runs goes on, what comes waits. Survives a restart. */
  pause(lane: string): Promise<void>
  resume(lane: string): Promise<void>
  limits(lane: string): Promise<readonly TokenLimit[]>
  /** Both null: remove the override. Acts on the next claim. */
  setLimit(lane: string, limit: TokenLimit): Promise<void>
}
