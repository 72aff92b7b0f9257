import { writeEventId } from './event-id.ts'
import type { EventStore } from './event-store.ts'
import type { EventStream } from './event-stream.ts'
import { REVISIONS } from './revision.ts'
import type { Session } from './session.ts'

/** How long a client is to wait before it takes up a broken stream again, in ms. */
const RETRY_MS = 1_000

interface NumberedStreamParts {
  readonly session: Session
  /** Unique within the session, so that an event id names the stream that it came on. */
  readonly name: string
  readonly connection: EventStream
  readonly store: EventStore
  readonly nowMs: number
  /** The place after which it goes on. Default 0. */
  readonly last?: number
  /** Who waits for it, as `writeWaiting` says it. Default nobody. */
  readonly waiting?: string
}

/** A stream of one session over however many connections: its events are numbered and kept, and sent again to whoever asks. */
export class NumberedStream {
  readonly name: string
  readonly #session: Session
  readonly #store: EventStore
  readonly #waiting: string
  #connection: EventStream
  #last: number

  constructor({ session, name, connection, store, nowMs, last = 0, waiting = '' }: NumberedStreamParts) {
    this.name = name
    this.#session = session
    this.#store = store
    this.#waiting = waiting
    this.#connection = connection
    this.#last = last
    this.#prime(last, nowMs)
  }

  /** Nobody reads at present. */
  get closed(): boolean {
    return this.#connection.closed
  }

  /** Bytes that the reader has not taken yet. */
  get waitingBytes(): number {
    return this.#connection.waitingBytes
  }

  /** Send a message, and keep it. @param instead what is kept of one that is too large for it; default nothing */
  send(json: string, nowMs: number, instead?: () => string): void {
    this.#last += 1
    const kept = this.#store.fits(json) ? json : instead?.()
    if (kept !== undefined)
      this.#store.keep({ session: this.#session, stream: this.name, number: this.#last, json: kept, keptAt: nowMs })
    this.#connection.send(json, nowMs, this.#eventId(this.#last))
  }

  /** Go on over another connection, with all that came after a place on this stream. */
  resume(connection: EventStream, after: number, nowMs: number): void {
    this.#connection.end()
    this.#connection = connection
    this.#prime(after, nowMs)
    this.replay(after, nowMs)
  }

  /** Send again what came after a place on this stream. */
  replay(after: number, nowMs: number): void {
    for (const { number, json } of this.#store.after(this.#session, this.name, after)) {
      this.#last = Math.max(this.#last, number)
      this.#connection.send(json, nowMs, this.#eventId(number))
    }
  }

  keepAlive(nowMs: number, everyMs: number): void {
    this.#connection.keepAlive(nowMs, everyMs)
  }

  end(): void {
    this.#connection.end()
  }

  destroy(): void {
    this.#connection.destroy()
  }

  /** A client that knows an id can come back before the first message (SEP-1699); older ones take an empty event for a broken message. */
  #prime(number: number, nowMs: number): void {
    if (REVISIONS[this.#session.revision].primes) this.#connection.prime(this.#eventId(number), RETRY_MS, nowMs)
  }

  #eventId(number: number): string {
    return writeEventId(this.name, number, this.#waiting)
  }
}
