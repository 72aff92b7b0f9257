import { NumberMap } from '../../core/churn/number-map.ts'
import type { RpcId, RpcMessage } from '../rpc.ts'
import { ClientError } from './client-error.ts'
import type { HttpAgent } from './http-agent.ts'
import { createExchange, type Exchange, type ExchangeEnd } from './http-exchange.ts'
import type { ClientTransport, TransportListener } from './transport.ts'
import { createUnderWay } from './under-way.ts'

/** Where a server listens for Streamable HTTP (MCP 2025-03-26 … 2025-11-25, "Transports"). */
export interface HttpOptions {
  readonly url: URL
  /** Sent with every request; lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Keeps the sockets; see `createHttpAgent`. */
  readonly agent: HttpAgent
  /** A larger answer is aborted and its request fails with `too_large`. */
  readonly maxMessageBytes: number
  /** Open the GET stream for what the server says unasked. */
  readonly listen: boolean
}

/** The least between two polls for one answer, whatever the server asks for. */
const POLL_MIN_MS = 50
const RECONNECT_MIN_MS = 1_000
const RECONNECT_MAX_MS = 60_000
/** Answers and notifications of ours that may be under way; more are dropped, because only a flood asks for so many. */
const MAX_TOLD = 1_000
/** How long we wait for a server to confirm that it ended our session. */
const FAREWELL_MS = 2_000

/** One session with a server over Streamable HTTP. */
export function createHttpTransport({ url, headers, agent, maxMessageBytes, listen }: HttpOptions): ClientTransport {
  const exchanges = new NumberMap<Exchange>()
  const origin = url.origin
  const path = url.pathname + url.search
  let common: Record<string, string> = { ...headers }
  let post: Record<string, string> = postHeaders(common)
  let sessionId: string | undefined
  let listener: TransportListener
  let stream: Exchange | undefined
  let reconnect: NodeJS.Timeout | undefined
  let failures = 0
  const told = createUnderWay()
  const arriving = createUnderWay()
  let closing = false
  let forgotten = false
  let over: Promise<void> | undefined

  const setCommon = (added: Record<string, string>): void => {
    common = { ...common, ...added }
    post = postHeaders(common)
  }
  const start = (
    method: 'GET' | 'POST' | 'DELETE',
    body: string | null,
    id: RpcId | undefined,
    end: (end: ExchangeEnd) => void,
    { lastEventId, begun = () => {} }: { lastEventId?: string | undefined; begun?: () => void } = {},
  ): Exchange => {
    const { exchange, handler } = createExchange({ id, maxMessageBytes, listener, begun, end, session: takeSession })
    const own =
      method === 'POST' ? post : { ...common, accept: 'text/event-stream', ...(lastEventId && { 'last-event-id': lastEventId }) }
    agent.dispatch({ origin, path, method, headers: own, body }, handler)
    return exchange
  }
  const forget = (): void => {
    if (!forgotten) listener.stale()
    forgotten = true
  }
  const takeSession = (id: string): void => {
    if (sessionId !== undefined) return
    sessionId = id
    setCommon({ 'mcp-session-id': id })
  }

  const sendRequest = (id: number, body: string): void => {
    track(id, () => start('POST', body, id, (end) => requestEnded(id, end)))
  }
  // Once more where the server let the connection go: a kept one may be closed while we write to it. Nothing of this does harm when it comes twice,
  // but without our answer a question would wait until it runs out.
  const tell = (body: string, then: () => void): void => {
    if (told.count >= MAX_TOLD) return
    const over = told.begin()
    const end = arriving.begin()
    let hasArrived = false
    const arrived = (): void => {
      if (!hasArrived) then()
      hasArrived = true
      end()
    }
    const ended = (): void => {
      arrived()
      over()
    }
    const post = (again: (end: ExchangeEnd) => void): void => void start('POST', body, undefined, again, { begun: arrived })
    post((end) => (end.status === undefined && !closing ? post(ended) : ended()))
  }
  // A request may fail before `start` returns, and must not be entered again then.
  const track = (id: number, begin: () => Exchange): void => {
    exchanges.set(id, NOT_STARTED)
    const exchange = begin()
    if (exchanges.get(id)) exchanges.set(id, exchange)
  }
  const requestEnded = (id: number, end: ExchangeEnd): void => {
    if (!exchanges.delete(id)) return
    if (end.answered) {
      // Without effect where the answer fitted.
      listener.fail(id, NOT_OUR_ID)
    } else if (end.sessionGone && sessionId !== undefined) {
      listener.fail(id, new ClientError('stale', 'The server no longer knows our session.', { sent: false }))
      forget()
    } else if (end.error !== undefined) listener.fail(id, end.error)
    else if (end.lastEventId !== undefined) resume(id, end.lastEventId, end.retryMs ?? RECONNECT_MIN_MS)
    else listener.fail(id, new ClientError('broken', 'The server ended its answer without a result.'))
  }
  // 2025-11-25 lets a server close a stream early and be polled; the peer's timeouts bound how often.
  const resume = (id: number, lastEventId: string, retryMs: number): void => {
    const timer = setTimeout(
      () => {
        const ended = (end: ExchangeEnd): void => requestEnded(id, { ...end, lastEventId: end.lastEventId ?? lastEventId })
        track(id, () => start('GET', null, id, ended, { lastEventId }))
      },
      Math.max(retryMs, POLL_MIN_MS),
    )
    exchanges.set(id, { abort: () => clearTimeout(timer) })
  }

  const openStream = (lastEventId?: string): void => {
    if (closing) return
    // What the server asks before it is there, it asks nobody.
    const begun = arriving.begin()
    const ended = (end: ExchangeEnd): void => {
      begun()
      streamEnded(end, lastEventId)
    }
    stream = start('GET', null, undefined, ended, { lastEventId, begun })
  }
  const streamEnded = (end: ExchangeEnd, lastEventId: string | undefined): void => {
    stream = undefined
    if (closing) return
    if (end.sessionGone && sessionId !== undefined && end.status === 404) forget()
    // 405 and its like: the server offers no stream, which is its right.
    if (end.status !== undefined && end.status >= 400 && end.status < 500) return
    failures = end.events > 0 ? 0 : failures + 1
    const waitMs = Math.min(Math.max(end.retryMs ?? 0, RECONNECT_MIN_MS * 2 ** Math.min(failures, 10)), RECONNECT_MAX_MS)
    reconnect = setTimeout(() => openStream(end.lastEventId ?? lastEventId), waitMs)
    reconnect.unref()
  }

  const end = async (): Promise<void> => {
    clearTimeout(reconnect)
    stream?.abort()
    for (const exchange of exchanges.clear()) exchange.abort()
    if (sessionId !== undefined) await farewell()
    listener?.closed(new ClientError('lost', 'The connection was closed.'))
  }
  const farewell = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>()
    const exchange = start('DELETE', null, undefined, () => resolve())
    const timer = setTimeout(() => exchange.abort(), FAREWELL_MS)
    await promise
    clearTimeout(timer)
  }
  return {
    get stateful() {
      return sessionId !== undefined
    },
    async open(to) {
      listener = to
    },
    send(message: RpcMessage) {
      if (closing) return
      const body = JSON.stringify(message)
      if ('method' in message && 'id' in message && typeof message.id === 'number') sendRequest(message.id, body)
      // A server may refuse the stream until it knows that we are ready.
      else tell(body, listen && 'method' in message && message.method === 'notifications/initialized' ? openStream : () => {})
    },
    abandon(id) {
      exchanges.delete(id)?.abort()
    },
    arrived: arriving.none,
    negotiated: (revision) => setCommon({ 'mcp-protocol-version': revision }),
    close() {
      closing = true
      over ??= end()
      return over
    },
  }
}

/** Made once: it is offered after every answer, and taking its stack cost 5% of all work under load. */
const NOT_OUR_ID = new ClientError('broken', 'The server answered under an id that is not ours.')

const NOT_STARTED: Exchange = { abort() {} }

const postHeaders = (common: Record<string, string>): Record<string, string> => ({
  ...common,
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
})
