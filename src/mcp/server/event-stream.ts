import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** Headers that an answer carries besides its own, e.g. the request id. */
export type BaseHeaders = Readonly<OutgoingHttpHeaders>

/** A comment that keeps proxies from cutting a silent connection. Clients skip it (WHATWG HTML, 9.2.6). */
const COMMENT = ': keep-alive\n\n'

/** The writing half of Server-Sent Events over one HTTP answer, for a reader who may be slow or gone. */
export class EventStream {
  readonly #res: ServerResponse
  #wroteAt: number

  constructor(res: ServerResponse, headers: BaseHeaders, nowMs: number) {
    this.#res = res
    this.#wroteAt = nowMs
    res.writeHead(200, {
      ...headers,
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    })
    res.flushHeaders()
  }

  /** Nobody reads any more. */
  get closed(): boolean {
    return this.#res.destroyed || this.#res.writableEnded
  }

  /** Bytes that the reader has not taken yet; none once nobody reads. */
  get waitingBytes(): number {
    return this.closed ? 0 : this.#res.writableLength
  }

  /** Send one JSON-RPC message, already on one line. */
  send(json: string, nowMs: number, eventId?: string): void {
    if (this.closed) return
    this.#wroteAt = nowMs
    this.#res.write(
      eventId === undefined ? `event: message\ndata: ${json}\n\n` : `id: ${eventId}\nevent: message\ndata: ${json}\n\n`,
    )
  }

  /** Tell where the stream stands and when to come back to it, without a message. */
  prime(eventId: string, retryMs: number, nowMs: number): void {
    if (this.closed) return
    this.#wroteAt = nowMs
    this.#res.write(`id: ${eventId}\nretry: ${retryMs}\ndata:\n\n`)
  }

  /** Break a silence that has lasted `everyMs`. A reader who has not taken the last bytes gets no more of them. */
  keepAlive(nowMs: number, everyMs: number): void {
    if (this.closed || nowMs - this.#wroteAt < everyMs || this.waitingBytes > 0) return
    this.#wroteAt = nowMs
    this.#res.write(COMMENT)
  }

  end(): void {
    if (!this.closed) this.#res.end()
  }

  /** Drop the connection with what still waits in it. */
  destroy(): void {
    this.#res.destroy()
  }
}
