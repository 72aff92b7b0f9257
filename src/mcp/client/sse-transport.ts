import type { RpcId, RpcMessage } from '../rpc.ts'
import { ClientError } from './client-error.ts'
import type { HttpAgent } from './http-agent.ts'
import { createExchange, type Exchange, type ExchangeEnd } from './http-exchange.ts'
import type { ClientTransport, TransportListener } from './transport.ts'
import { createUnderWay } from './under-way.ts'

/** Where a server listens for HTTP+SSE (MCP 2024-11-05, "Transports"). */
export interface SseOptions {
  readonly url: URL
  /** Sent with every request; lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Keeps the sockets; see `createHttpAgent`. */
  readonly agent: HttpAgent
  /** A larger message ends the connection, because the stream is the connection. */
  readonly maxMessageBytes: number
}

/** Messages of ours that may be under way; more are dropped, because only a flood asks for so many. */
const MAX_TOLD = 1_000

/** One stream on which the server says everything, its address for what we say being the first it says. */
export function createSseTransport({ url, headers, agent, maxMessageBytes }: SseOptions): ClientTransport {
  const posts = new Map<RpcId, Exchange>()
  const endpoint = Promise.withResolvers<string>()
  // Where nobody waits for it any more, its failure is told by `closed` alone.
  endpoint.promise.catch(() => {})
  const over = Promise.withResolvers<void>()
  let listener: TransportListener | undefined
  let stream: Exchange | undefined
  let path: string | undefined
  const told = createUnderWay()
  let closed = false

  const finish = (error: ClientError): void => {
    if (closed) return
    closed = true
    for (const post of posts.values()) post.abort()
    posts.clear()
    stream?.abort()
    endpoint.reject(error)
    listener?.closed(error)
    over.resolve()
  }
  const learn = (text: string): void => {
    if (path !== undefined) return
    const target = URL.parse(text, url.href)
    if (target?.origin === url.origin) {
      path = target.pathname + target.search
      endpoint.resolve(path)
    } else finish(new ClientError('refused', 'The server sends us to another origin than its own, and we do not go there.'))
  }
  const streamEnded = ({ error, status }: ExchangeEnd): void => {
    if (error !== undefined) finish(error)
    else if (path !== undefined) finish(new ClientError('lost', 'The server ended its stream.'))
    else finish(new ClientError('broken', `The server answered ${status} and named no endpoint: it does not speak HTTP+SSE.`))
  }
  const dispatch = (method: 'GET' | 'POST', target: string, body: string | null, id: RpcId | undefined, end: End): Exchange => {
    const common = { maxMessageBytes, listener: listener!, end, id }
    const { exchange, handler } = createExchange(
      method === 'GET' ? { ...common, endpoint: learn } : { ...common, answeredElsewhere: true },
    )
    const own =
      method === 'GET' ? { ...headers, accept: 'text/event-stream' } : { ...headers, 'content-type': 'application/json' }
    if (id !== undefined) posts.set(id, exchange)
    agent.dispatch({ origin: url.origin, path: target, method, headers: own, body }, handler)
    return exchange
  }
  // Once more where the server let a kept connection go while we wrote to it; see `createHttpTransport`.
  const tell = (target: string, body: string, over: () => void): void => {
    const ended: End = ({ status }) =>
      status === undefined && !closed ? dispatch('POST', target, body, undefined, over) : over()
    dispatch('POST', target, body, undefined, ended)
  }
  const posted = (id: RpcId, { error, status }: ExchangeEnd): void => {
    if (!posts.delete(id) || error === undefined) return
    const isStale = status === 404
    listener?.fail(id, isStale ? new ClientError('stale', 'The server no longer knows our session.', { sent: false }) : error)
    if (isStale) listener?.stale()
  }
  return {
    stateful: true,
    async open(to) {
      listener = to
      stream = dispatch('GET', url.pathname + url.search, null, undefined, streamEnded)
      await endpoint.promise
    },
    send(message: RpcMessage) {
      if (closed || path === undefined) return
      const body = JSON.stringify(message)
      if ('method' in message && 'id' in message) {
        const { id } = message
        dispatch('POST', path, body, id, (end) => posted(id, end))
      } else if (told.count < MAX_TOLD) {
        tell(path, body, told.begin())
      }
    },
    abandon(id) {
      posts.get(id)?.abort()
      posts.delete(id)
    },
    arrived: told.none,
    negotiated() {},
    close() {
      finish(new ClientError('lost', 'The connection was closed.'))
      return over.promise
    },
  }
}

type End = (end: ExchangeEnd) => void
