import type { ServerResponse } from 'node:http'
import { type BaseHeaders, EventStream } from './event-stream.ts'

interface ExchangeOptions {
  readonly res: ServerResponse
  readonly headers: BaseHeaders
  /** Requests that are to be answered; more than one only in a batch. */
  readonly awaited: number
  /** The client sent an array, so it gets one back. */
  readonly batched: boolean
  readonly bufferBytes: number
  readonly nowMs: () => number
  /** Told of each notification that a slow reader did not get. */
  readonly onDrop: () => void
}

/**
 * The answer to one POST: plain JSON when nothing has to come before the result, an event stream from the first notification on.
 *
 * A client that goes away ends nothing: what it asked for runs on (MCP 2025-11-25, "disconnection is not cancellation").
 */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #startedAt: number
  #awaited: number
  #answers: string[] = []
  #events: EventStream | undefined

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#awaited = options.awaited
    this.#startedAt = options.nowMs()
  }

  /** Send a notification that belongs to a request of this exchange, before its result. */
  notify(json: string): void {
    const { res, bufferBytes, nowMs, onDrop } = this.#options
    if (this.#awaited === 0 || res.destroyed) return
    const events = this.#stream()
    if (events.waitingBytes > bufferBytes) onDrop()
    else events.send(json, nowMs())
  }

  /** Answer one of the awaited requests, with a whole JSON-RPC response. */
  respond(json: string): void {
    if (this.#events) this.#events.send(json, this.#options.nowMs())
    else this.#answers.push(json)
    this.#settle()
  }

  /** One of the awaited requests gets no answer, because its client took it back. */
  abandon(): void {
    this.#settle()
  }

  /** Keep a connection that waits for long from being cut. */
  keepAlive(nowMs: number, everyMs: number): void {
    if (this.#awaited === 0 || this.#options.res.destroyed) return
    if (!this.#events && nowMs - this.#startedAt >= everyMs) this.#stream()
    this.#events?.keepAlive(nowMs, everyMs)
  }

  /** From here on the answer is a stream; what was ready before goes first. */
  #stream(): EventStream {
    if (this.#events) return this.#events
    const { res, headers, nowMs } = this.#options
    const events = new EventStream(res, headers, this.#startedAt)
    for (const answer of this.#answers) events.send(answer, nowMs())
    this.#answers = []
    this.#events = events
    return events
  }

  #settle(): void {
    this.#awaited -= 1
    if (this.#awaited > 0 || this.#options.res.destroyed) return
    // A stream without a message is the only answer that says nothing.
    if (this.#events || this.#answers.length === 0) this.#stream().end()
    else sendJson(this.#options, 200, this.#options.batched ? `[${this.#answers.join(',')}]` : this.#answers[0]!)
  }
}

/** Send a whole JSON answer. */
export function sendJson({ res, headers }: Pick<ExchangeOptions, 'res' | 'headers'>, status: number, json: string): void {
  res.writeHead(status, {
    ...headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(json),
    'cache-control': 'no-store',
  })
  res.end(json)
}
