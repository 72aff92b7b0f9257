import type { ServerResponse } from 'node:http'
import type { Caller } from '../../contract/caller.ts'
import { type BaseHeaders, EventStream } from './event-stream.ts'
import type { Session } from './session.ts'

interface StandingStreamOptions {
  readonly session: Session
  readonly res: ServerResponse
  readonly headers: BaseHeaders
  readonly caller: Caller
  /** Ask anew who holds the credentials that opened the stream. @throws Fault `unauthorized` once they are worth nothing */
  readonly refresh: () => Promise<Caller>
  readonly bufferBytes: number
  readonly nowMs: number
}

/** The stream of a GET: what belongs to no call. A session has at most one, so that no message goes out twice. */
export class StandingStream {
  readonly session: Session
  readonly refresh: () => Promise<Caller>
  caller: Caller
  readonly #events: EventStream
  readonly #bufferBytes: number
  /** Unique within the session, so that an event id names the stream it came on. */
  readonly #number: number
  #sent = 0

  constructor({ session, res, headers, caller, refresh, bufferBytes, nowMs }: StandingStreamOptions) {
    session.streamCount += 1
    this.#number = session.streamCount
    this.session = session
    this.caller = caller
    this.refresh = refresh
    this.#bufferBytes = bufferBytes
    this.#events = new EventStream(res, headers, nowMs)
  }

  /**
   * Send a notification. A reader who is too far behind loses the connection, so that it is told on the next one.
   *
   * @returns whether it went out
   */
  send(json: string, nowMs: number): boolean {
    if (this.#events.waitingBytes > this.#bufferBytes) this.#events.destroy()
    if (this.#events.closed) return false
    this.#sent += 1
    this.#events.send(json, nowMs, `${this.#number}-${this.#sent}`)
    return true
  }

  keepAlive(nowMs: number, everyMs: number): void {
    this.#events.keepAlive(nowMs, everyMs)
  }

  end(): void {
    this.#events.end()
  }
}
