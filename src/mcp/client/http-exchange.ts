import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import { Fault } from '../../contract/fault.ts'
import type { RpcId } from '../rpc.ts'
import { createChunkPile } from './chunk-pile.ts'
import { ClientError } from './client-error.ts'
import { createEventStream } from './event-stream.ts'
import type { LineSplitter } from './line-splitter.ts'
import type { TransportListener } from './transport.ts'

/** One HTTP request that is under way. */
export interface Exchange {
  abort(): void
}

/** How an HTTP request ended. */
export interface ExchangeEnd {
  /** A JSON body was handed on, so the peer knows all there is to know. */
  readonly answered: boolean
  readonly error: ClientError | undefined
  /** The status line, if one came. */
  readonly status: number | undefined
  /** The server said that it does not know the session. */
  readonly sessionGone: boolean
  readonly lastEventId: string | undefined
  readonly retryMs: number | undefined
  /** How many events came. */
  readonly events: number
}

interface ExchangeOptions {
  /** The request that this exchange answers; `undefined` for notifications and the GET stream. */
  readonly id: RpcId | undefined
  readonly maxMessageBytes: number
  readonly listener: TransportListener
  /** Called once, with the status line. */
  readonly begun?: () => void
  /** Called once. */
  readonly end: (end: ExchangeEnd) => void
  /** Called when the response names a session; absent where there are none, so that a 404 is nothing special. */
  readonly session?: (id: string) => void
  /** Called with what an `endpoint` event says; absent where such events are nothing special (all but HTTP+SSE). */
  readonly endpoint?: (data: string) => void
  /** The answer comes on another stream; what the body says is of no interest unless it is a refusal. */
  readonly answeredElsewhere?: boolean
}

const ABORTED = new Error('The exchange was given up.')
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/

/** Reads one response, whatever form the server chose: JSON, a stream of events, nothing, or a refusal. */
class ExchangeHandler implements Dispatcher.DispatchHandler, Exchange {
  readonly #options: ExchangeOptions
  #controller: Dispatcher.DispatchController | undefined
  #aborted = false
  #status: number | undefined
  #retryAfterMs: number | undefined
  readonly #chunks = createChunkPile()
  #sizeBytes = 0
  #events: LineSplitter | undefined
  #error: ClientError | undefined
  #answered = false
  #sessionGone = false
  #lastEventId: string | undefined
  #retryMs: number | undefined
  #eventCount = 0
  #ended = false

  constructor(options: ExchangeOptions) {
    this.#options = options
  }

  abort(): void {
    this.#aborted = true
    this.#controller?.abort(ABORTED)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(ABORTED)
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status
    const session = headers['mcp-session-id']
    if (status < 300 && typeof session === 'string' && SESSION_ID.test(session)) this.#options.session?.(session)
    if (status === 200 && headers['content-type']?.startsWith('text/event-stream')) this.#events = this.#openEvents()
    this.#retryAfterMs = readRetryAfter(headers['retry-after'])
    this.#options.begun?.()
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#events !== undefined) {
      this.#events.push(chunk)
      return
    }
    this.#sizeBytes += chunk.length
    if (this.#sizeBytes > this.#options.maxMessageBytes) this.#overflow(controller)
    else this.#chunks.add(chunk)
  }

  onResponseEnd(): void {
    if (this.#events === undefined) this.#readBody()
    this.#end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    this.#error ??= this.#aborted ? undefined : connectionFault(cause, this.#controller !== undefined)
    this.#end()
  }

  #openEvents(): LineSplitter {
    const { listener, id, maxMessageBytes } = this.#options
    return createEventStream(maxMessageBytes, {
      event: (data, name) => {
        this.#eventCount += 1
        if (name === 'endpoint' && this.#options.endpoint !== undefined) this.#options.endpoint(data)
        else this.#receive(data, () => listener.noise(data.slice(0, 200)))
      },
      id: (eventId) => {
        this.#lastEventId = eventId
      },
      retry: (retryMs) => {
        this.#retryMs = retryMs
      },
      overflow: () => {
        if (id === undefined) listener.noise(`(dropped an event of more than ${maxMessageBytes} bytes)`)
        if (this.#controller !== undefined) this.#overflow(this.#controller)
      },
    })
  }

  #overflow(controller: Dispatcher.DispatchController): void {
    this.#error ??= new ClientError('too_large', `The answer is larger than the limit of ${this.#options.maxMessageBytes} bytes.`)
    controller.abort(ABORTED)
  }

  #readBody(): void {
    const status = this.#status!
    const text = this.#chunks.takeText()
    if (status >= 200 && status < 300) this.#readAnswer(status, text)
    else this.#readRefusal(status, text)
  }

  #readAnswer(status: number, text: string): void {
    if (this.#options.answeredElsewhere || (this.#options.id === undefined && text.trim() === '')) return
    this.#receive(text, () => {
      this.#error = new ClientError('broken', `The server answered ${status} with what is not JSON.`)
    })
  }

  #readRefusal(status: number, text: string): void {
    const message = parseObject(text)
    const { id, listener, session } = this.#options
    this.#sessionGone = session !== undefined && (status === 404 || (status === 400 && isSessionRefusal(message)))
    if (!this.#sessionGone && id !== undefined && message?.['error'] !== undefined) {
      // Servers that refuse before they read the body answer under id null.
      listener.receive({ ...message, id }, id)
      this.#answered = true
    } else this.#error = refusal(status, this.#retryAfterMs)
  }

  #receive(text: string, garbage: () => void): void {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      garbage()
      return
    }
    if (isAnswer(message)) this.#answered = true
    this.#options.listener.receive(message, this.#options.id)
  }

  #end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#options.end({
      answered: this.#answered,
      error: this.#error,
      status: this.#status,
      sessionGone: this.#sessionGone,
      lastEventId: this.#lastEventId,
      retryMs: this.#retryMs,
      events: this.#eventCount,
    })
  }
}

/** Make the handler of one request; give `handler` to a dispatcher. */
export function createExchange(options: ExchangeOptions): {
  readonly exchange: Exchange
  readonly handler: Dispatcher.DispatchHandler
} {
  const handler = new ExchangeHandler(options)
  return { exchange: handler, handler }
}

const isAnswer = (message: unknown): boolean =>
  Array.isArray(message) ? message.some(isAnswer) : typeof message === 'object' && message !== null && !('method' in message)

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Many servers answer 400 with -32000 and no id where the specification asks for 404. */
function isSessionRefusal(message: Record<string, unknown> | undefined): boolean {
  const error = message?.['error'] as { code?: unknown } | undefined
  return error?.code === -32000 && (message?.['id'] ?? null) === null
}

function refusal(status: number, retryAfterMs: number | undefined): ClientError {
  if (status === 429 || status === 503) {
    return new ClientError('busy', `The server answered ${status}: it asks to be tried again later.`, {
      retryAfterMs,
      sent: status !== 429,
      status,
    })
  }
  const hint = REFUSAL_HINTS[status] ?? ''
  return new ClientError(status >= 500 ? 'lost' : 'refused', `The server answered HTTP ${status}.${hint}`, {
    sent: status >= 500,
    status,
  })
}

const REFUSAL_HINTS: Readonly<Record<number, string>> = {
  301: ' It has moved: use its final address.',
  302: ' It redirects: use its final address.',
  307: ' It redirects: use its final address.',
  308: ' It has moved: use its final address.',
  401: ' It does not accept our credentials: check the headers of this upstream.',
  403: ' It does not accept our credentials: check the headers of this upstream.',
  404: ' Nothing speaks MCP at this address: check the path of the url.',
  405: ' Nothing speaks MCP at this address: check the path of the url.',
}

const readRetryAfter = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d{1,6}$/.test(value) ? Number(value) * 1_000 : undefined

/** Before a socket was given to the request, nothing of it can have reached the server. */
function connectionFault(cause: Error, sent: boolean): ClientError {
  if (cause instanceof Fault) return new ClientError('refused', cause.message, { cause, sent: false })
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown reason'
  return sent
    ? new ClientError('lost', `The connection broke before the answer was whole (${code}).`, { cause })
    : new ClientError('unreachable', `The server could not be reached (${code}).`, { cause, sent: false })
}
