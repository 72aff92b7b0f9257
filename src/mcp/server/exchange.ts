import type { ServerResponse } from 'node:http'
import { RPC, type RpcId } from '../rpc.ts'
import type { Delivery } from './ask-client.ts'
import { writeWaiting } from './event-id.ts'
import type { EventStore } from './event-store.ts'
import { type BaseHeaders, EventStream } from './event-stream.ts'
import { NumberedStream } from './numbered-stream.ts'
import { errorText } from './response-text.ts'
import type { Session } from './session.ts'

interface ExchangeOptions {
  readonly session: Session
  readonly store: EventStore
  readonly res: ServerResponse
  readonly headers: BaseHeaders
  /** The ids of the requests that are to be answered, `null` for one that could not be read; more than one only in a batch. */
  readonly awaited: readonly (RpcId | null)[]
  /** The client sent an array, so it gets one back. */
  readonly batched: boolean
  readonly bufferBytes: number
  readonly nowMs: () => number
  /** Told of each notification that a slow reader did not get. */
  readonly onDrop: () => void
}

/**
 * The answer to one POST: plain JSON when nothing has to come before the result, an event stream from the first message on.
 *
 * A client that goes away ends nothing: what it asked for runs on (MCP 2025-11-25, "disconnection is not cancellation"), and a stream can
 * be taken up again.
 */
export class Exchange {
  readonly #options: ExchangeOptions
  readonly #startedAt: number
  #awaited: number
  #answers: { readonly id: RpcId | null; readonly json: string }[] = []
  #events: NumberedStream | undefined

  constructor(options: ExchangeOptions) {
    this.#options = options
    this.#awaited = options.awaited.length
    this.#startedAt = options.nowMs()
  }

  /** Send a notification that belongs to a request of this exchange, before its result. */
  notify(json: string): void {
    if (!this.#reachable) return
    const { bufferBytes, nowMs, onDrop } = this.#options
    const events = this.#stream()
    if (events.waitingBytes > bufferBytes) onDrop()
    else events.send(json, nowMs())
  }

  /** Ask the client something that belongs to a request of this exchange. */
  request(json: string): Delivery {
    if (!this.#reachable) return 'lost'
    const { store, bufferBytes, nowMs } = this.#options
    const events = this.#stream()
    if (events.waitingBytes > bufferBytes || (events.closed && !store.fits(json))) return 'lost'
    events.send(json, nowMs())
    return events.closed ? 'waits' : 'sent'
  }

  /** What the stream of this exchange is called, once there is one. */
  get streamName(): string | undefined {
    return this.#events?.name
  }

  /** Answer one of the awaited requests, with a whole JSON-RPC response. @param id of the request */
  respond(id: RpcId | null, json: string): void {
    if (this.#events) this.#send(this.#events, id, json)
    else this.#answers.push({ id, json })
    this.#settle()
  }

  /** One of the awaited requests gets no answer, because its client took it back. */
  abandon(): void {
    this.#settle()
  }

  /** Keep a connection that waits for long from being cut. */
  keepAlive(nowMs: number, everyMs: number): void {
    if (!this.#reachable) return
    if (!this.#events && nowMs - this.#startedAt >= everyMs) this.#stream()
    this.#events?.keepAlive(nowMs, everyMs)
  }

  /** Somebody reads, or may come back to read. */
  get #reachable(): boolean {
    return this.#awaited > 0 && (this.#events !== undefined || !this.#options.res.destroyed)
  }

  /** From here on the answer is a stream; what was ready before goes first. */
  #stream(): NumberedStream {
    if (this.#events) return this.#events
    const { session, store, res, headers, nowMs, awaited } = this.#options
    session.streamCount += 1
    const connection = new EventStream(res, headers, this.#startedAt)
    const [name, waiting] = [`c${session.streamCount}`, writeWaiting(awaited)]
    const events = new NumberedStream({ session, store, name, connection, nowMs: nowMs(), waiting })
    this.#events = events
    session.callStreams ??= new Map()
    session.callStreams.set(events.name, events)
    for (const { id, json } of this.#answers) this.#send(events, id, json)
    this.#answers = []
    return events
  }

  #send(events: NumberedStream, id: RpcId | null, json: string): void {
    events.send(json, this.#options.nowMs(), () => errorText(id, RPC.internalError, TOO_LARGE))
  }

  #settle(): void {
    this.#awaited -= 1
    if (this.#awaited > 0) return
    if (this.#events) this.#finish(this.#events)
    else if (!this.#options.res.destroyed) this.#answerPlainly()
  }

  #answerPlainly(): void {
    const { res, headers, batched } = this.#options
    const texts = this.#answers.map(({ json }) => json)
    // A stream without a message is the only answer that says nothing; it has no ids, because nobody is to come back to it.
    if (texts.length === 0) new EventStream(res, headers, this.#startedAt).end()
    else sendJson(this.#options, 200, batched ? `[${texts.join(',')}]` : texts[0]!)
  }

  #finish(events: NumberedStream): void {
    events.end()
    this.#options.session.callStreams?.delete(events.name)
  }
}

const TOO_LARGE =
  'The call has ended, but its result was lost with the connection: it was too large to be kept. Call again if that does no harm.'

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
