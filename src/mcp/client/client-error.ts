/**
 * Why a request to a peer has no answer.
 *
 * `timeout` no sign of life for too long; `cancelled` by the one who asked; `lost` the connection is gone; `stale` the server no longer
 * knows our session; `too_large` the answer is over the cap; `busy` the server asked to come later; `refused` it would not take the
 * request; `broken` what it answered is not MCP; `unreachable` it could not be started or dialled.
 */
export type ClientErrorKind =
  | 'timeout'
  | 'cancelled'
  | 'lost'
  | 'stale'
  | 'too_large'
  | 'busy'
  | 'refused'
  | 'broken'
  | 'unreachable'

interface ClientErrorOptions extends ErrorOptions {
  /** Whether the server may have begun to work on the request. Defaults to true, the careful answer. */
  readonly sent?: boolean
  /** When the server asked to be tried again, milliseconds from now. */
  readonly retryAfterMs?: number | undefined
  /** The HTTP status that it comes from. */
  readonly status?: number | undefined
}

/** A request that was never answered, as opposed to one that was answered with an error (`RpcError`). The message is safe to show. */
export class ClientError extends Error {
  override readonly name = 'ClientError'
  readonly kind: ClientErrorKind
  readonly sent: boolean
  readonly retryAfterMs: number | undefined
  readonly status: number | undefined

  constructor(kind: ClientErrorKind, message: string, options: ClientErrorOptions = {}) {
    super(message, options)
    this.kind = kind
    this.sent = options.sent ?? true
    this.retryAfterMs = options.retryAfterMs
    this.status = options.status
  }
}
