import type { Seat } from '../../core/churn/roster.ts'
import { ClientError } from './client-error.ts'
import type { RequestOptions } from './request-options.ts'
import type { Deadline } from './timer-wheel.ts'

/** What a request needs to know of its peer. */
export interface PendingParts {
  readonly id: number
  readonly method: string
  readonly options: RequestOptions
  readonly nowMs: number
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
  /** End it without an answer. */
  readonly end: (pending: Pending, error: ClientError) => void
  /** Whether the server waits for us, so that its silence says nothing; if so it goes on waiting. */
  readonly hold: (pending: Pending) => boolean
}

/** One request that waits. A class, because there is one per call and a shared shape is cheap. */
export class Pending implements Deadline {
  dueAtMs: number
  readonly id: number
  readonly method: string
  readonly options: RequestOptions
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
  readonly end: (pending: Pending, error: ClientError) => void
  readonly hold: (pending: Pending) => boolean
  readonly ceilingMs: number
  #onAbort: (() => void) | undefined
  seat: Seat | undefined

  constructor({ id, method, options, nowMs, resolve, reject, end, hold }: PendingParts) {
    this.id = id
    this.method = method
    this.options = options
    this.resolve = resolve
    this.reject = reject
    this.end = end
    this.hold = hold
    this.ceilingMs = nowMs + (options.maxTimeoutMs ?? options.idleTimeoutMs)
    this.dueAtMs = Math.min(nowMs + options.idleTimeoutMs, this.ceilingMs)
    this.#onAbort = undefined
    this.seat = undefined
  }

  /** End when nobody wants the answer any more. */
  listen(): void {
    const { signal } = this.options
    if (signal === undefined) return
    this.#onAbort = () => this.withdraw()
    signal.addEventListener('abort', this.#onAbort)
  }

  /** Nobody wants the answer any more. */
  withdraw(): void {
    this.end(this, cancelled(this.method, true))
  }

  unlisten(): void {
    if (this.#onAbort === undefined) return
    this.options.signal?.removeEventListener('abort', this.#onAbort)
    this.#onAbort = undefined
  }

  /** A sign of life was seen. */
  live(nowMs: number): void {
    this.dueAtMs = Math.min(nowMs + this.options.idleTimeoutMs, this.ceilingMs)
  }

  /** Waits for ever, unless it is ended. */
  get isStanding(): boolean {
    return this.options.idleTimeoutMs === Number.POSITIVE_INFINITY
  }

  expire(): void {
    const ceiling = this.dueAtMs === this.ceilingMs && this.options.maxTimeoutMs !== undefined
    if (this.dueAtMs < this.ceilingMs && this.hold(this)) return
    const limitMs = ceiling ? this.options.maxTimeoutMs : this.options.idleTimeoutMs
    const why = ceiling ? 'in all' : 'without a sign of life'
    this.end(this, new ClientError('timeout', `${this.method} had no answer after ${Math.round(limitMs!)} ms ${why}.`))
  }
}

/** Nobody waits for an answer any more. @param sent whether the server knows of the request */
export const cancelled = (method: string, sent: boolean): ClientError =>
  new ClientError('cancelled', `${method} was cancelled by the caller.`, { sent })
