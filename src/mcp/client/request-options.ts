type Params = Readonly<Record<string, unknown>>

/** Says that a request is not wanted any more, to one listener. An `AbortSignal` for each call costs some microseconds, and a listener of its own more. */
export interface Withdrawal {
  readonly isWithdrawn: boolean
  /** Called once, with the id that is set beside it. Whoever listens last is told. */
  onWithdrawn: ((id: number) => void) | undefined
  withdrawnId: number
}

/** How long to wait, and who wants to hear what happens meanwhile. */
export interface RequestOptions {
  /** Give up after this long without a sign of life; progress is one. */
  readonly idleTimeoutMs: number
  /** Give up after this long in any case. Defaults to `idleTimeoutMs`. */
  readonly maxTimeoutMs?: number
  readonly signal?: AbortSignal
  /** The same for requests that follow each other, of which one call is made. */
  readonly withdrawal?: Withdrawal
  /** Ask the server for progress under a token of our own, so that `idleTimeoutMs` counts from the last one. */
  readonly wantProgress?: boolean
  /** Receives the params of `notifications/progress` without our token. */
  readonly onProgress?: (params: Params) => void
  /** Receives other notifications that came on this request's own stream. */
  readonly onNotification?: (method: string, params: unknown) => void
  /** Answers what the server asks on this request's own stream. Default: as what it asks on none. */
  readonly onRequest?: OnRequest
  /** In whose name this is asked, for a server of the stateless era. Default: in our own. */
  readonly client?: ClientIntroduction
  /** HTTP headers of this request alone, for a server of the stateless era; see `paramHeaders`. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Answers what a server asks, with the result as it is to be sent.
 *
 * @param signal aborts when the server takes it back, and when the request or connection that it belongs to is over
 * @throws RpcError to refuse
 */
export type OnRequest = (method: string, params: unknown, signal: AbortSignal) => Promise<unknown>

/** What the stateless era says of the client with each request. */
export interface ClientIntroduction {
  /** MCP `ClientCapabilities`. */
  readonly capabilities: Params
  /** MCP `Implementation`; default our own. */
  readonly info?: Params | undefined
  /** From which level on log messages are wanted; default none. */
  readonly logLevel?: string | undefined
}
