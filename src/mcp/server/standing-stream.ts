import type { ServerResponse } from 'node:http'
import type { Caller } from '../../contract/caller.ts'
import type { EventStore } from './event-store.ts'
import { type BaseHeaders, EventStream } from './event-stream.ts'
import { NumberedStream } from './numbered-stream.ts'
import type { Session } from './session.ts'

interface StandingStreamOptions {
  readonly session: Session
  readonly store: EventStore
  readonly res: ServerResponse
  readonly headers: BaseHeaders
  readonly caller: Caller
  /** Ask anew who holds the credentials that opened the stream. @throws Fault `unauthorized` once they are worth nothing */
  readonly refresh: () => Promise<Caller>
  readonly bufferBytes: number
  readonly nowMs: number
  /** The standing stream that the client lost, and the last event that it has of it. */
  readonly resumed: { readonly name: string; readonly after: number } | undefined
  /** Whether a message that waited for the stream may still be told. */
  readonly mayHear: (json: string) => boolean
}

/** The stream of a GET: what belongs to no call. A session has at most one, so that no message goes out twice. */
export class StandingStream {
  readonly session: Session
  readonly refresh: () => Promise<Caller>
  caller: Caller
  /** It was cut off because its reader was too far behind. */
  tooSlow = false
  readonly #events: NumberedStream
  readonly #bufferBytes: number

  constructor({ session, store, res, headers, caller, refresh, bufferBytes, nowMs, resumed, mayHear }: StandingStreamOptions) {
    session.streamCount += 1
    this.session = session
    this.caller = caller
    this.refresh = refresh
    this.#bufferBytes = bufferBytes
    const { name, after } = resumed ?? { name: `s${session.streamCount}`, after: 0 }
    const connection = new EventStream(res, headers, nowMs)
    this.#events = new NumberedStream({ session, store, name, connection, nowMs, last: after })
    if (resumed) this.#events.replay(after, nowMs)
    for (const { json } of store.takeWaiting(session)) if (mayHear(json)) this.#events.send(json, nowMs)
  }

  /**
   * Send a message. A reader who is too far behind loses the connection, so that it is told on the next one.
   *
   * @returns whether it went out
   */
  send(json: string, nowMs: number): boolean {
    if (this.#events.waitingBytes > this.#bufferBytes) {
      this.tooSlow = true
      this.#events.destroy()
    }
    if (this.#events.closed) return false
    this.#events.send(json, nowMs)
    return true
  }

  keepAlive(nowMs: number, everyMs: number): void {
    this.#events.keepAlive(nowMs, everyMs)
  }

  end(): void {
    this.#events.end()
  }
}
