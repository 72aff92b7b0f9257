interface FaultRow {
  /** HTTP status that the REST and web transports answer with. */
  readonly http: number
  /** JSON-RPC error code where a fault is a protocol error. Ours lie outside -32768…-32000; the others are fixed by JSON-RPC 2.0 or MCP. */
  readonly rpc: number
  /** Whether the same call may succeed later, unchanged. */
  readonly retryable: boolean
  /** Short, fixed sentence: the `title` of an RFC 9457 problem. */
  readonly title: string
}

/**
 * Every way a call can fail, and what the transports say about it.
 *
 * A code is public contract: add one freely, never rename one.
 */
export const FAULTS = {
  invalid: { http: 400, rpc: -32602, retryable: false, title: 'The request does not fit what was expected.' },
  unauthorized: { http: 401, rpc: 4010, retryable: false, title: 'Credentials are missing or not valid.' },
  forbidden: { http: 403, rpc: 4030, retryable: false, title: 'The caller does not hold the right that this needs.' },
  not_found: { http: 404, rpc: -32602, retryable: false, title: 'There is nothing by that name.' },
  conflict: { http: 409, rpc: 4090, retryable: false, title: 'It was changed by somebody else, or exists already.' },
  approval_required: { http: 403, rpc: 4031, retryable: true, title: 'A person has to approve this call first.' },
  blocked: { http: 403, rpc: 4032, retryable: false, title: 'A safety check stopped the call.' },
  disabled: { http: 403, rpc: 4033, retryable: false, title: 'It is switched off.' },
  too_large: { http: 413, rpc: 4130, retryable: false, title: 'It is larger than the limit.' },
  rate_limited: { http: 429, rpc: 4290, retryable: true, title: 'Too many calls.' },
  budget_exceeded: { http: 429, rpc: 4291, retryable: false, title: 'The budget is used up.' },
  busy: { http: 503, rpc: 5031, retryable: true, title: 'All places are taken.' },
  unavailable: { http: 503, rpc: 5030, retryable: true, title: 'What the call needs is not available.' },
  cancelled: { http: 499, rpc: 4990, retryable: true, title: 'The caller cancelled the call.' },
  upstream: { http: 502, rpc: 5020, retryable: true, title: 'The upstream failed.' },
  timeout: { http: 504, rpc: 5040, retryable: true, title: 'It took longer than allowed.' },
  internal: { http: 500, rpc: -32603, retryable: false, title: 'Something broke inside the gateway.' },
} as const satisfies Record<string, FaultRow>

export type FaultCode = keyof typeof FAULTS

/** How a visit ended. */
export type Outcome = 'ok' | 'tool_error' | 'interrupted' | FaultCode

/** One thing that is wrong with an input. */
export interface FaultDetail {
  /** Where, as a JSON pointer (RFC 6901) into the input: `/filter/limit`; empty for the input itself. */
  readonly path: string
  readonly message: string
}

interface FaultOptions extends ErrorOptions {
  readonly details?: readonly FaultDetail[]
  /** When a retry may succeed, in milliseconds from now. */
  readonly retryAfterMs?: number
  /** Further facts that are safe to show, e.g. the limit that was hit. */
  readonly data?: Readonly<Record<string, unknown>>
}

/** An expected failure whose message is safe to show. Anything else thrown is a bug. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly code: FaultCode
  readonly details: readonly FaultDetail[]
  readonly retryAfterMs: number | undefined
  readonly data: Readonly<Record<string, unknown>> | undefined

  constructor(code: FaultCode, message: string, options: FaultOptions = {}) {
    super(message, options)
    this.code = code
    this.details = options.details ?? []
    this.retryAfterMs = options.retryAfterMs
    this.data = options.data
  }

  /** Keep a Fault; hide anything else behind `internal`, with the original as `cause` for the log. */
  static from(thrown: unknown): Fault {
    return thrown instanceof Fault
      ? thrown
      : new Fault('internal', 'Something broke inside the gateway. The request id leads to the cause in the server log.', {
          cause: thrown,
        })
  }
}
