import { NumberMap } from '../../core/churn/number-map.ts'
import { NAMED_BY } from '../named-by.ts'
import type { RpcMessage, RpcRequest } from '../rpc.ts'
import { STATELESS_REVISION } from '../stateless-revision.ts'
import { ClientError } from './client-error.ts'
import { headerValue } from './header-value.ts'
import type { HttpAgent } from './http-agent.ts'
import { createExchange, type Exchange, type ExchangeEnd } from './http-exchange.ts'
import type { ClientTransport, TransportListener } from './transport.ts'

/** Where a server listens for Streamable HTTP of the stateless era (MCP 2026-07-28). */
export interface StatelessHttpOptions {
  readonly url: URL
  /** Sent with every request; lower-case names. Those that begin with `mcp-` are the protocol's own and left out. */
  readonly headers: Readonly<Record<string, string>>
  /** Keeps the sockets; see `createHttpAgent`. */
  readonly agent: HttpAgent
  /** A larger answer is aborted and its request fails with `too_large`. */
  readonly maxMessageBytes: number
}

/** Each request is a POST of its own; to give one up is to close its response. Nothing but requests is ever sent. */
export function createStatelessHttpTransport({ url, headers, agent, maxMessageBytes }: StatelessHttpOptions): ClientTransport {
  const exchanges = new NumberMap<Exchange>()
  const origin = url.origin
  const path = url.pathname + url.search
  const base = baseHeaders(headers)
  let listener: TransportListener
  let closing = false

  const ended = (id: number, end: ExchangeEnd): void => {
    if (!exchanges.delete(id)) return
    // Without effect where the answer fitted.
    if (end.answered) listener.fail(id, NOT_OUR_ID)
    else listener.fail(id, end.error ?? new ClientError('broken', 'The server ended its answer without a result.'))
  }
  const post = (id: number, request: RpcRequest, added: Readonly<Record<string, string>> | undefined): void => {
    const { exchange, handler } = createExchange({ id, maxMessageBytes, listener, end: (end) => ended(id, end) })
    // Before it is dispatched, because it may fail at once.
    exchanges.set(id, exchange)
    const own = { ...added, ...base, 'mcp-method': request.method, ...nameHeader(request) }
    agent.dispatch({ origin, path, method: 'POST', headers: own, body: JSON.stringify(request) }, handler)
  }
  return {
    stateful: false,
    async open(to) {
      listener = to
    },
    send(message: RpcMessage, added) {
      if (!closing && 'method' in message && 'id' in message && typeof message.id === 'number') post(message.id, message, added)
    },
    abandon(id) {
      exchanges.delete(id)?.abort()
    },
    arrived: () => Promise.resolve(),
    negotiated() {},
    async close() {
      if (closing) return
      closing = true
      for (const exchange of exchanges.clear()) exchange.abort()
      listener?.closed(new ClientError('lost', 'The connection was closed.'))
    },
  }
}

/** Made once: it is offered after every answer, and taking a stack is dear. */
const NOT_OUR_ID = new ClientError('broken', 'The server answered under an id that is not ours.')

const baseHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith('mcp-'))),
  'content-type': 'application/json',
  accept: 'application/json, text/event-stream',
  'mcp-protocol-version': STATELESS_REVISION,
})

function nameHeader({ method, params }: RpcRequest): { 'mcp-name'?: string } {
  const name = params?.[NAMED_BY.get(method) ?? '']
  return typeof name === 'string' ? { 'mcp-name': headerValue(name) } : {}
}
