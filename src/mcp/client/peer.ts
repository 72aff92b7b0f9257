import { NumberMap } from '../../core/churn/number-map.ts'
import { META } from '../meta-key.ts'
import { RPC, RpcError, type RpcId, type RpcMessage } from '../rpc.ts'
import { createAsked } from './asked.ts'
import { ClientError } from './client-error.ts'
import { cancelled, Pending } from './pending.ts'
import type { OnRequest, RequestOptions } from './request-options.ts'
import type { TimerWheel } from './timer-wheel.ts'

type Params = Readonly<Record<string, unknown>>

/** What a peer tells its owner. */
interface PeerListener {
  /** A notification that belongs to no request, known or unknown method. */
  notification(method: string, params: unknown): void
  /** Something was ignored: an answer nobody waits for, or what is no message at all. */
  ignored(what: 'stray_answer' | 'garbage', excerpt: string): void
  /** The server asks something that no request of ours answers for. Without this, everything but `ping` is refused as unknown. */
  readonly request?: OnRequest | undefined
  /** Whether the server may ask at all; in the stateless era it may not, and gets no answer. */
  readonly mayAsk: boolean
}

/** Our half of a JSON-RPC 2.0 conversation, free of any transport. */
export interface Peer {
  /**
   * Ask, and get the `result` exactly as it was sent.
   *
   * @throws RpcError when the server answered with an error
   * @throws ClientError when it did not answer
   */
  request(method: string, params: Params | undefined, options: RequestOptions): Promise<unknown>
  notify(method: string, params?: Params): void
  receive(message: unknown, origin: RpcId | undefined): void
  fail(id: RpcId, error: ClientError): void
  failAll(error: ClientError): void
  /** Requests without an answer, but for those that wait for ever, as a subscription does. */
  readonly pendingCount: number
  /** Requests of the server that wait for ours. */
  readonly askedCount: number
  /** Answers that came too late, twice or under an unknown id. */
  readonly strayCount: number
}

interface PeerOptions {
  readonly send: (message: RpcMessage, headers: RequestOptions['headers']) => void
  /** Called when a request ends without an answer, so that a transport can free what it holds for it. */
  readonly abandon: (id: RpcId) => void
  readonly listener: PeerListener
  readonly wheel: TimerWheel
}

const TEXT_EXCERPT = 200

/** Ids are numbers of our own, never those of whoever stands behind us; progress tokens are those ids. */
export function createPeer({ send, abandon, listener, wheel }: PeerOptions): Peer {
  const pendings = new NumberMap<Pending>()
  const asked = createAsked({
    send: (message) => send(message, undefined),
    answered(origin) {
      for (const pending of origin === undefined ? pendings.values() : found(origin)) pending.live(wheel.nowMs())
    },
  })
  let lastId = 0
  let standingCount = 0
  let strayCount = 0

  const found = (id: RpcId): readonly Pending[] => {
    const pending = pendings.get(id)
    return pending === undefined ? [] : [pending]
  }
  const hold = (pending: Pending): boolean => {
    if (!asked.waitsFor(pending.id)) return false
    pending.live(wheel.nowMs())
    wheel.add(pending)
    return true
  }
  const take = (id: unknown): Pending | undefined => {
    const pending = pendings.delete(id)
    if (pending === undefined) return undefined
    if (pending.isStanding) standingCount -= 1
    wheel.remove(pending)
    pending.unlisten()
    asked.endOf(pending.id)
    return pending
  }
  const end = (pending: Pending, error: ClientError): void => {
    if (take(pending.id) === undefined) return
    // MCP forbids to cancel `initialize`.
    if (pending.method !== 'initialize') notify('notifications/cancelled', { requestId: pending.id, reason: error.kind })
    abandon(pending.id)
    pending.reject(error)
  }
  const withdraw = (id: number): void => pendings.get(id)?.withdraw()
  const notify = (method: string, params?: Params): void =>
    send(params === undefined ? { jsonrpc: '2.0', method } : { jsonrpc: '2.0', method, params }, undefined)

  const request = (method: string, params: Params | undefined, options: RequestOptions): Promise<unknown> => {
    if (options.signal?.aborted || options.withdrawal?.isWithdrawn) return Promise.reject(cancelled(method, false))
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const id = ++lastId
    const pending = new Pending({ id, method, options, nowMs: wheel.nowMs(), resolve, reject, end, hold })
    pendings.set(id, pending)
    if (pending.isStanding) standingCount += 1
    wheel.add(pending)
    pending.listen()
    if (options.withdrawal !== undefined) {
      options.withdrawal.onWithdrawn = withdraw
      options.withdrawal.withdrawnId = id
    }
    const sent = options.wantProgress ? withProgressToken(params, id) : params
    send(sent === undefined ? { jsonrpc: '2.0', id, method } : { jsonrpc: '2.0', id, method, params: sent }, options.headers)
    return promise
  }

  const settle = (message: Message): void => {
    const pending = take(message.id)
    if (pending === undefined) {
      strayCount += 1
      listener.ignored('stray_answer', `id ${JSON.stringify(message.id)?.slice(0, 40)}`)
    } else if (message.error !== undefined) pending.reject(toRpcError(message.error))
    else if (message.result !== undefined) pending.resolve(message.result)
    else pending.reject(new ClientError('broken', `The answer to ${pending.method} holds neither a result nor an error.`))
  }
  const progress = (params: Params): void => {
    const pending = pendings.get(params['progressToken'])
    if (!pending?.options.wantProgress) return
    pending.live(wheel.nowMs())
    if (pending.options.onProgress === undefined) return
    const { progressToken: _, ...rest } = params
    pending.options.onProgress(rest)
  }
  /** It speaks of requests of the server, which no one behind us knows by that id, or ends what we listen to. */
  const takenBack = (id: unknown): void => {
    asked.cancel(id)
    const pending = pendings.get(id)
    if (pending?.method !== 'subscriptions/listen') return
    abandon(pending.id)
    take(pending.id)?.resolve({})
  }
  const notified = (method: string, params: unknown, origin: RpcId | undefined): void => {
    if (method === 'notifications/progress') {
      if (isObject(params)) progress(params)
    } else if (method === 'notifications/cancelled') {
      if (isObject(params)) takenBack(params['requestId'])
    } else {
      const owner = origin ?? subscriptionOf(params)
      const onNotification = owner === undefined ? undefined : pendings.get(owner)?.options.onNotification
      if (onNotification === undefined) listener.notification(method, params)
      else onNotification(method, params)
    }
  }
  const receive = (message: unknown, origin: RpcId | undefined): void => {
    // Revision 2025-03-26 allows batches, and receivers must take them.
    if (Array.isArray(message)) for (const each of message) receiveOne(each, origin)
    else receiveOne(message, origin)
  }
  const receiveOne = (message: unknown, origin: RpcId | undefined): void => {
    if (!isObject(message)) listener.ignored('garbage', excerpt(message))
    else if (typeof message['method'] === 'string') receiveCall(message['method'], message, origin)
    else if (message['id'] !== undefined || message['result'] !== undefined || message['error'] !== undefined) settle(message)
    else listener.ignored('garbage', excerpt(message))
  }
  const receiveCall = (method: string, { id, params }: Record<string, unknown>, origin: RpcId | undefined): void => {
    if (id === undefined) notified(method, params, origin)
    else if (!listener.mayAsk) listener.ignored('garbage', `${method.slice(0, 80)} from a server that may not ask`)
    else if (typeof id === 'string' || typeof id === 'number') {
      const owner = origin === undefined ? undefined : pendings.get(origin)
      // What comes on the stream of a request that is over is for nobody: least of all for whoever asks now.
      const answer = origin === undefined || owner !== undefined ? (owner?.options.onRequest ?? listener.request) : undefined
      asked.take(id, method, params, owner?.id, answer)
    } else listener.ignored('garbage', `${method.slice(0, 80)} with an id that is neither a string nor a number`)
  }
  return {
    request,
    notify,
    receive,
    fail(id, error) {
      take(id)?.reject(error)
    },
    failAll(error) {
      for (const { id } of pendings.values()) take(id)?.reject(error)
      asked.endAll()
    },
    get pendingCount() {
      return pendings.size - standingCount
    },
    get askedCount() {
      return asked.count
    },
    get strayCount() {
      return strayCount
    },
  }
}

interface Message {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: unknown
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const subscriptionOf = (params: unknown): RpcId | undefined => {
  const meta = isObject(params) ? params['_meta'] : undefined
  return isObject(meta) ? (meta[META.subscriptionId] as RpcId | undefined) : undefined
}

const excerpt = (value: unknown): string => (JSON.stringify(value) ?? String(value)).slice(0, TEXT_EXCERPT)

function withProgressToken(params: Params | undefined, id: number): Params {
  return { ...params, _meta: { ...(params?.['_meta'] as Params | undefined), progressToken: id } }
}

function toRpcError(error: unknown): RpcError {
  if (!isObject(error))
    return new RpcError(RPC.internalError, 'The server answered with an error that is not a JSON-RPC error object.')
  const { code, message, data } = error
  return new RpcError(
    typeof code === 'number' ? code : RPC.internalError,
    typeof message === 'string' ? message : 'The server gave no message.',
    { data },
  )
}
