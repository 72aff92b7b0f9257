import type { ServerResponse } from 'node:http'
import type { RpcId } from '../../rpc.ts'
import { type BaseHeaders, EventStream } from '../event-stream.ts'
import { sendJson } from '../exchange.ts'

interface ReplyOptions {
  readonly id: RpcId
  readonly res: ServerResponse
  readonly headers: BaseHeaders
  readonly bufferBytes: number
  readonly nowMs: () => number
  /** Told of each notification that a slow reader did not get. */
  readonly onDrop: () => void
  /** Told when the answer is out or its reader gone. */
  readonly onEnd: () => void
}

/**
 * The answer to one request: plain JSON when nothing has to come before the result, an event stream from the first notification on.
 *
 * A reader who goes away before the answer takes the request back (MCP 2026-07-28, Streamable HTTP, cancellation).
 */
export class Reply {
  readonly id: RpcId
  readonly #options: ReplyOptions
  readonly #startedAt: number
  #events: EventStream | undefined
  #ended = false
  /** Called once if the reader goes away before the answer. */
  onGone: (() => void) | undefined

  constructor(options: ReplyOptions) {
    this.id = options.id
    this.#options = options
    this.#startedAt = options.nowMs()
    options.res.once('close', () => this.#leave())
    // The reader may have gone while its credentials were looked at.
    if (options.res.destroyed) this.#leave()
  }

  /** Answered, or nobody reads any more. */
  get ended(): boolean {
    return this.#ended
  }

  /** Send a notification that belongs to the request. */
  notify(json: string): void {
    if (this.#ended) return
    const { bufferBytes, nowMs, onDrop } = this.#options
    const events = this.#stream()
    if (events.waitingBytes > bufferBytes) onDrop()
    else events.send(json, nowMs())
  }

  /** Answer with a whole JSON-RPC response. @param status tells only while nothing has been sent */
  respond(json: string, status = 200): void {
    if (this.#ended) return
    const { res, headers, nowMs } = this.#options
    this.#end()
    if (this.#events) {
      this.#events.send(json, nowMs())
      this.#events.end()
    } else sendJson({ res, headers }, status, json)
  }

  /** Somebody else answers, over the same connection. */
  handOver(): void {
    if (!this.#ended) this.#end()
  }

  /** Keep a connection that waits for long from being cut. */
  keepAlive(nowMs: number, everyMs: number): void {
    if (this.#ended) return
    if (!this.#events && nowMs - this.#startedAt >= everyMs) this.#stream()
    this.#events?.keepAlive(nowMs, everyMs)
  }

  #stream(): EventStream {
    const { res, headers } = this.#options
    this.#events ??= new EventStream(res, headers, this.#startedAt)
    return this.#events
  }

  #leave(): void {
    if (this.#ended) return
    this.#end()
    this.onGone?.()
  }

  #end(): void {
    this.#ended = true
    this.#options.onEnd()
  }
}
