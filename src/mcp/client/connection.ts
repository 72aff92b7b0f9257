import type { ClientError } from './client-error.ts'
import type { Era, Verdict } from './era.ts'
import type { RequestOptions } from './request-options.ts'

/**
 * What a server said of itself, unknown fields included: in `initialize`, or in `server/discover`, whose result holds neither
 * `protocolVersion` nor `serverInfo` at its top, so that both are put there.
 */
export interface ServerIntroduction {
  readonly protocolVersion: string
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly serverInfo: Readonly<Record<string, unknown>>
  readonly instructions?: string
  readonly [extra: string]: unknown
}

/** What a connection tells its owner. */
export interface ConnectionListener {
  /** A notification that belongs to no request; methods that we do not know included. */
  notification(method: string, params: unknown): void
  /**
   * The server asks something outside the stream of any request of ours: over stdio always. Without this all but `ping` is refused as
   * unknown.
   *
   * @param signal aborts when the server takes it back, and when the connection is over
   * @throws RpcError to refuse
   */
  request?(method: string, params: unknown, signal: AbortSignal): Promise<unknown>
  /** Garbage and stray answers, for a rate-capped log. */
  ignored(what: string, excerpt: string): void
  /** The server has forgotten our session, or our revision: open a new connection, let this one finish what is under way. */
  stale(): void
  closed(error: ClientError): void
}

/** What to hear of (MCP 2026-07-28, `subscriptions/listen`); fields that we do not know travel along. */
export interface SubscriptionFilter {
  readonly toolsListChanged?: boolean
  readonly promptsListChanged?: boolean
  readonly resourcesListChanged?: boolean
  /** URIs. */
  readonly resourceSubscriptions?: readonly string[]
  readonly taskIds?: readonly string[]
  readonly [extra: string]: unknown
}

/** A stream of notifications that was asked for. */
export interface Subscription {
  /** The part of the filter that the server honours. */
  readonly honoured: SubscriptionFilter
  /** Resolves when it is over: with what went wrong, or with nothing where either side ended it. */
  readonly ended: Promise<Error | undefined>
  /** End it. Safe to call twice. */
  close(): void
}

/** A server that has introduced itself. */
export interface Connection {
  readonly server: ServerIntroduction
  readonly era: Era
  /** Give it to the next `connect` as `known`. `undefined` where the server was in trouble, so that it may speak another era tomorrow. */
  readonly verdict: Verdict | undefined
  /** Whether the server keeps state for this connection, so that it must not be shared. Never in the stateless era. */
  readonly stateful: boolean
  readonly open: boolean
  /** Requests that wait for an answer, subscriptions not counted. */
  readonly pendingCount: number
  readonly strayCount: number
  /**
   * Ask, and get the result exactly as it was sent.
   *
   * @throws RpcError, ClientError; errors -32020 … -32022 are about this hop, and so are a ClientError whose `cause` is the RpcError
   */
  request(method: string, params: Readonly<Record<string, unknown>> | undefined, options: RequestOptions): Promise<unknown>
  /** Does nothing in the stateless era, in which a client has nothing to say unasked. */
  notify(method: string, params?: Readonly<Record<string, unknown>>): void
  /**
   * Hear of changes; only in the stateless era, because the session era tells all it has to tell.
   *
   * @param hear receives method and params of each notification, `_meta` included
   * @throws RpcError, ClientError `refused` in the session era
   */
  subscribe(filter: SubscriptionFilter, hear: (method: string, params: unknown) => void): Promise<Subscription>
  /** Fail what is under way and give back process or session. Safe to call twice. */
  close(): Promise<void>
}
