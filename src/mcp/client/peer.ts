import { RPC, RpcError, type RpcId, type RpcMessage } from '../rpc.ts'
import { ClientError } from './client-error.ts'
import type { Deadline, TimerWheel } from './timer-wheel.ts'

type Params = Readonly<Record<string, unknown>>

/** How long to wait, and who wants to hear what happens meanwhile. */
export interface RequestOptions {
  /** Give up after this long without a sign of life; progress is one. */
  readonly idleTimeoutMs: number
  /** Give up after this long in any case. Defaults to `idleTimeoutMs`. */
  readonly maxTimeoutMs?: number
  readonly signal?: AbortSignal
  /** Ask the server for progress under a token of our own, so that `idleTimeoutMs` counts from the last one. */
  readonly wantProgress?: boolean
  /** Receives the params of `notifications/progress` without our token. */
  readonly onProgress?: (params: Params) => void
  /** Receives other notifications that came on this request's own stream. */
  readonly onNotification?: (method: string, params: unknown) => void
  /**
   * Answers what the server asks on this request's own stream. Default: as what it asks on none.
   *
   * @param signal aborts when the server takes it back, and when this request is over
   * @throws RpcError to refuse
   */
  readonly onRequest?: (method: string, params: unknown, signal: AbortSignal) => Promise<unknown>
  /** In whose name this is asked, for a server of the stateless era. Default: in our own. */
  readonly client?: ClientIntroduction
  /** HTTP headers of this request alone, for a server of the stateless era; see `paramHeaders`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** What the stateless era says of the client with each request. */
export interface ClientIntroduction {
  /** MCP `ClientCapabilities`. */
  readonly capabilities: Readonly<Record<string, unknown>>
  /** MCP `Implementation`; default our own. */
  readonly info?: Readonly<Record<string, unknown>> | undefined
  /** From which level on log messages are wanted; default none. */
  readonly logLevel?: string | undefined
}

/** What a peer tells its owner. */
interface PeerListener {
  /** A notification that belongs to no request, known or unknown method. */
  notification(method: string, params: unknown): void
  /** Something was ignored: an answer nobody waits for, or what is no message at all. */
  ignored(what: 'stray_answer' | 'garbage', excerpt: string): void
  /**
   * The server asks something. Without this, everything but `ping` is refused as unknown.
   *
   * @throws RpcError to refuse
   */
  request?(method: string, params: unknown, origin: RpcId | undefined): Promise<unknown>
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
  /** Requests without an answer. */
  readonly pendingCount: number
  /** Answers that came too late, twice or under an unknown id. */
  readonly strayCount: number
}

interface PeerOptions {
  readonly send: (message: RpcMessage) => void
  /** Called when a request ends without an answer, so that a transport can free what it holds for it. */
  readonly abandon: (id: RpcId) => void
  readonly listener: PeerListener
  readonly wheel: TimerWheel
}

const TEXT_EXCERPT = 200

/** One request that waits. A class, because there is one per call and a shared shape is cheap. */
class Pending implements Deadline {
  dueAtMs: number
  readonly id: number
  readonly method: string
  readonly options: RequestOptions
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
  readonly end: (pending: Pending, error: ClientError, tell: boolean) => void
  readonly ceilingMs: number
  onAbort: (() => void) | undefined

  constructor(
    id: number,
    method: string,
    options: RequestOptions,
    nowMs: number,
    resolve: (result: unknown) => void,
    reject: (error: Error) => void,
    end: (pending: Pending, error: ClientError, tell: boolean) => void,
  ) {
    this.id = id
    this.method = method
    this.options = options
    this.resolve = resolve
    this.reject = reject
    this.end = end
    this.ceilingMs = nowMs + (options.maxTimeoutMs ?? options.idleTimeoutMs)
    this.dueAtMs = Math.min(nowMs + options.idleTimeoutMs, this.ceilingMs)
    this.onAbort = undefined
  }

  expire(): void {
    const ceiling = this.dueAtMs === this.ceilingMs && this.options.maxTimeoutMs !== undefined
    const limitMs = ceiling ? this.options.maxTimeoutMs : this.options.idleTimeoutMs
    const why = ceiling ? 'in all' : 'without a sign of life'
    this.end(this, new ClientError('timeout', `${this.method} had no answer after ${limitMs} ms ${why}.`), true)
  }
}

/** Ids are numbers of our own, never those of whoever stands behind us; progress tokens are those ids. */
export function createPeer({ send, abandon, listener, wheel }: PeerOptions): Peer {
  const pendings = new Map<RpcId, Pending>()
  let lastId = 0
  let strayCount = 0

  const take = (id: RpcId): Pending | undefined => {
    const pending = pendings.get(id)
    if (pending === undefined) return undefined
    pendings.delete(id)
    wheel.remove(pending)
    if (pending.onAbort !== undefined) pending.options.signal?.removeEventListener('abort', pending.onAbort)
    return pending
  }
  const end = (pending: Pending, error: ClientError, tell: boolean): void => {
    if (take(pending.id) === undefined) return
    // MCP forbids to cancel `initialize`.
    if (tell && pending.method !== 'initialize') notify('notifications/cancelled', { requestId: pending.id, reason: error.kind })
    abandon(pending.id)
    pending.reject(error)
  }
  const notify = (method: string, params?: Params): void =>
    send(params === undefined ? { jsonrpc: '2.0', method } : { jsonrpc: '2.0', method, params })

  const request = (method: string, params: Params | undefined, options: RequestOptions): Promise<unknown> => {
    const { signal } = options
    if (signal?.aborted) return Promise.reject(cancelled(method, false))
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    const id = ++lastId
    const pending = new Pending(id, method, options, wheel.nowMs(), resolve, reject, end)
    pendings.set(id, pending)
    wheel.add(pending)
    if (signal !== undefined) {
      pending.onAbort = () => end(pending, cancelled(method, true), true)
      signal.addEventListener('abort', pending.onAbort)
    }
    const sent = options.wantProgress ? withProgressToken(params, id) : params
    send(sent === undefined ? { jsonrpc: '2.0', id, method } : { jsonrpc: '2.0', id, method, params: sent })
    return promise
  }

  const settle = (message: Message): void => {
    const pending = typeof message.id === 'number' ? take(message.id) : undefined
    if (pending === undefined) {
      strayCount += 1
      listener.ignored('stray_answer', `id ${JSON.stringify(message.id)?.slice(0, 40)}`)
    } else if (message.error !== undefined) pending.reject(toRpcError(message.error))
    else if (message.result !== undefined) pending.resolve(message.result)
    else pending.reject(new ClientError('broken', `The answer to ${pending.method} holds neither a result nor an error.`))
  }
  const progress = (params: Params): void => {
    const pending = pendings.get(params['progressToken'] as RpcId)
    if (!pending?.options.wantProgress) return
    pending.dueAtMs = Math.min(wheel.nowMs() + pending.options.idleTimeoutMs, pending.ceilingMs)
    if (pending.options.onProgress === undefined) return
    const { progressToken: _, ...rest } = params
    pending.options.onProgress(rest)
  }
  const notified = (method: string, params: unknown, origin: RpcId | undefined): void => {
    if (method === 'notifications/progress') {
      if (isObject(params)) progress(params)
      return
    }
    // It speaks of requests of the server by their ids, which mean something else to whoever stands behind us.
    if (method === 'notifications/cancelled') return
    const onNotification = origin === undefined ? undefined : pendings.get(origin)?.options.onNotification
    if (onNotification === undefined) listener.notification(method, params)
    else onNotification(method, params)
  }
  const answer = async (id: RpcId, method: string, params: unknown, origin: RpcId | undefined): Promise<void> => {
    try {
      if (method === 'ping') return send({ jsonrpc: '2.0', id, result: {} })
      if (listener.request === undefined)
        throw new RpcError(RPC.methodNotFound, `This client does not answer ${method.slice(0, 80)}.`)
      send({ jsonrpc: '2.0', id, result: await listener.request(method, params, origin) })
    } catch (thrown) {
      const error = thrown instanceof RpcError ? thrown : new RpcError(RPC.internalError, 'The client failed to answer.')
      const { code, message, data } = error
      send({ jsonrpc: '2.0', id, error: data === undefined ? { code, message } : { code, message, data } })
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
    // Cannot reject: `answer` catches everything, and sending never throws.
    else if (typeof id === 'string' || typeof id === 'number') void answer(id, method, params, origin)
    else listener.ignored('garbage', `${method.slice(0, 80)} with an id that is neither a string nor a number`)
  }
  return {
    request,
    notify,
    receive,
    fail(id, error) {
      take(id)?.reject(error)
    },
    failAll(error) {
      for (const id of [...pendings.keys()]) take(id)?.reject(error)
    },
    get pendingCount() {
      return pendings.size
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

const cancelled = (method: string, sent: boolean): ClientError =>
  new ClientError('cancelled', `${method} was cancelled by the caller.`, { sent })

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
