import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { type BodyPile, createBodyPile, isReadable } from './body-pile.ts'
import { SendFailure, sendFailure } from './send-failure.ts'

/** One request, to one address. */
export interface Hop {
  readonly url: URL
  readonly method: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | string | null
  /** Of the body, after decompression; what is longer is cut. */
  readonly maxAnswerBytes: number
}

/** An answer, whatever its status. */
export interface HopAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  /** It was longer than allowed, or took longer; this is its beginning. */
  readonly isCut: boolean
}

/** When a request is given up: by whoever waits, or by the clock. */
export interface Limits {
  readonly signal: AbortSignal
  readonly late: AbortSignal
}

const GIVEN_UP = new Error('The exchange was given up.')

interface Settle {
  readonly answer: (answer: HopAnswer) => void
  readonly fail: (failure: unknown) => void
}

/** Sends one request and collects its answer. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #hop: Hop
  readonly #settle: Settle
  #controller: Dispatcher.DispatchController | undefined
  #status = 0
  #headers: IncomingHttpHeaders = {}
  #pile: BodyPile | undefined
  #isOver = false

  constructor(hop: Hop, settle: Settle) {
    this.#hop = hop
    this.#settle = settle
  }

  /** Whoever waits does so no longer. */
  cancel(reason: unknown): void {
    this.#fail(reason)
  }

  /** The time is up: what came by now is the answer, as long as there is one. */
  hurry(): void {
    if (this.#pile) {
      this.#answer(this.#pile.take(), true)
      return
    }
    const { origin } = this.#hop.url
    const isSent = this.#controller !== undefined
    this.#fail(new SendFailure('timeout', `${origin} did not answer in time. Allow more time, or ask for less.`, isSent))
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isOver) controller.abort(GIVEN_UP)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    const encoding = String(headers['content-encoding'] ?? '')
      .trim()
      .toLowerCase()
    if (isReadable(encoding)) this.#pile = this.#openPile(encoding)
    else this.#fail(this.#broken(`in the encoding ${encoding.slice(0, 40)}, which was not asked for and cannot be read`))
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#pile?.add(chunk)
  }

  onResponseEnd(): void {
    this.#pile?.end()
  }

  onResponseError(_: Dispatcher.DispatchController | null, cause: Error): void {
    this.#fail(sendFailure(cause, this.#hop.url.origin, this.#controller !== undefined))
  }

  #openPile(encoding: string): BodyPile {
    return createBodyPile(encoding, this.#hop.maxAnswerBytes, {
      whole: (body) => this.#answer(body, false),
      full: () => this.#answer(this.#pile!.take(), true),
      broken: (cause) => this.#fail(this.#broken('compressed in a way that cannot be read', cause)),
    })
  }

  #broken(how: string, cause?: Error): SendFailure {
    return new SendFailure('upstream', `${this.#hop.url.origin} answered ${how}.`, true, { cause })
  }

  #answer(body: Buffer, isCut: boolean): void {
    if (this.#isOver) return
    this.#isOver = true
    if (isCut) this.#controller?.abort(GIVEN_UP)
    this.#settle.answer({ status: this.#status, headers: this.#headers, body, isCut })
  }

  #fail(failure: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#pile?.take()
    this.#controller?.abort(GIVEN_UP)
    this.#settle.fail(failure)
  }
}

/** Send one request over a dispatcher. @throws SendFailure; the signal's reason where it was given up */
export async function exchange(dispatcher: Dispatcher, hop: Hop, { signal, late }: Limits): Promise<HopAnswer> {
  signal.throwIfAborted()
  const { url, method, headers, body } = hop
  let under: Exchange | undefined
  const cancel = (): void => under?.cancel(signal.reason)
  const hurry = (): void => under?.hurry()
  try {
    return await new Promise<HopAnswer>((answer, fail) => {
      under = new Exchange(hop, { answer, fail })
      signal.addEventListener('abort', cancel, { once: true })
      late.addEventListener('abort', hurry, { once: true })
      if (late.aborted) return hurry()
      const { origin, pathname, search } = url
      dispatcher.dispatch({ origin, path: pathname + search, method: method as Dispatcher.HttpMethod, headers, body }, under)
    })
  } finally {
    signal.removeEventListener('abort', cancel)
    late.removeEventListener('abort', hurry)
  }
}
