import { ask, type Listener, type RawAnswer, Listener as Reader, send } from '../client.ts'

type Params = Readonly<Record<string, unknown>>

/** How a raw client of the stateless era differs from the usual one. */
interface PeerOptions {
  readonly capabilities?: object
  readonly info?: object
  /** More of `_meta`. */
  readonly meta?: object
  /** Over the usual ones; `undefined` takes one away. */
  readonly headers?: Readonly<Record<string, string | undefined>>
}

/** A raw client of the stateless era. */
export interface Peer {
  /** Send a request and read the whole answer. */
  post(method: string, params?: Params, options?: PeerOptions): Promise<RawAnswer>
  /** Send a request and return its JSON-RPC response, whichever way it comes. */
  request(method: string, params?: Params, options?: PeerOptions): Promise<any> // any: tests look into every shape of answer
  /** Send a request and read its answer as it comes. */
  open(method: string, params?: Params, options?: PeerOptions): Promise<Listener>
}

const REVISION = '2026-07-28'
const PREFIX = 'io.modelcontextprotocol'

let lastId = 100

/** A client that declares `capabilities` in every request. */
export function peer(url: string, token: string, usual: PeerOptions = {}): Peer {
  const built = (method: string, params: Params, options: PeerOptions) => {
    lastId += 1
    return {
      body: message(lastId, method, params, { ...usual, ...options }),
      headers: { ...headersOf(method, params), ...usual.headers, ...options.headers },
    }
  }
  const post: Peer['post'] = (method, params = {}, options = {}) => ask(url, token, built(method, params, options))
  return {
    post,
    async request(method, params, options) {
      const answer = await post(method, params, options)
      return answer.json ?? answer.events.at(-1)
    },
    open: async (method, params = {}, options = {}) => new Reader(await send(url, token, built(method, params, options))),
  }
}

/** The body of a request. */
export const message = (id: string | number, method: string, params: Params, options: PeerOptions = {}): object => ({
  jsonrpc: '2.0',
  id,
  method,
  params: {
    ...params,
    _meta: {
      [`${PREFIX}/protocolVersion`]: REVISION,
      [`${PREFIX}/clientInfo`]: options.info ?? { name: 'peer', version: '1' },
      [`${PREFIX}/clientCapabilities`]: options.capabilities ?? {},
      ...options.meta,
    },
  },
})

/** The headers that repeat a body. */
export function headersOf(method: string, { name, uri, taskId }: Params = {}): Record<string, string> {
  const named = name ?? uri ?? taskId
  return {
    'mcp-protocol-version': REVISION,
    'mcp-method': method,
    ...(typeof named === 'string' && { 'mcp-name': named }),
  }
}
