import type { z } from 'zod'
import type { FaultCode } from './fault.ts'

/** How one attempt at a job ended. A task returns it, because a thrown error loses its fields between threads. */
export type Verdict<Result = unknown> =
  | { readonly kind: 'done'; readonly result: Result }
  /** Try again after the lane's delay (or `afterMs`); spends an attempt. */
  | { readonly kind: 'retry'; readonly reason: string; readonly afterMs?: number }
  /** Not yet: look again later; gives the attempt back. */
  | { readonly kind: 'snooze'; readonly delayMs: number }
  /** Trying again cannot help. `code` is what a caller who waits is told; default `upstream`. */
  | { readonly kind: 'cancel'; readonly reason: string; readonly code?: FaultCode }

/** How a lane treats its jobs. Every field can be set in `[queue.lanes.<lane>]`. */
export interface LanePolicy {
  /** Threads of each worker that serves the lane, at each level of nesting. */
  readonly threads: number
  /** Tasks that one thread runs at once. 1 where a task computes: then a thread that has to be killed takes nothing with it. */
  readonly concurrency: number
  /** Longest that one attempt may run, in ms. */
  readonly timeoutMs: number
  /** Longest that a caller who waits lets a job wait for its turn, in ms; then it is withdrawn with `busy`. */
  readonly maxWaitMs: number
  readonly maxAttempts: number
  /** Wait before the second attempt, in ms; doubles with each further one, with jitter. */
  readonly retryBaseMs: number
  /** Longest wait between two attempts, in ms. */
  readonly retryMaxMs: number
  /** Jobs of one token that run at once. */
  readonly perToken: number
  /** Jobs of one token that wait; one more is refused with `busy`. */
  readonly queuePerToken: number
  /** Largest payload, in bytes of JSON. */
  readonly maxPayloadBytes: number
  /** Largest result, in bytes of JSON. */
  readonly maxResultBytes: number
  /** How long a worker that is not heard of keeps its jobs, in ms. */
  readonly leaseMs: number
  /** How long jobs that are over are kept, in ms. Dead ones stay ten times as long. */
  readonly retentionMs: number
}

/** A named queue: what goes in, what comes out, and its policy. The work itself is `workers/<name>.task.ts`. */
export interface Lane<Payload extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  readonly name: string
  /** One sentence for operators. */
  readonly summary: string
  readonly payload: Payload
  readonly result: Result
  /** Whether tasks ask the gateway or report while they run (`TaskContext.ask`, `.chunk`). Costs a message channel per attempt. */
  readonly talks: boolean
  /**
   * How deep jobs may be nested: a job that waits for another of its own lane (level 0 waits for level 1, …) keeps its thread meanwhile, so
   * every level has threads of its own and none can wait for ever. 1 where jobs never wait for jobs.
   */
  readonly levels: number
  readonly policy: LanePolicy
}
