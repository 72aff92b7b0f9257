/** JSON-RPC 2.0 as MCP uses it. Fields that we do not know travel along. */
export type RpcId = string | number

export interface RpcRequest {
  readonly jsonrpc: '2.0'
  readonly id: RpcId
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

export interface RpcNotification {
  readonly jsonrpc: '2.0'
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

interface RpcSuccess {
  readonly jsonrpc: '2.0'
  readonly id: RpcId
  readonly result: unknown
}

interface RpcFailure {
  readonly jsonrpc: '2.0'
  readonly id: RpcId | null
  readonly error: { readonly code: number; readonly message: string; readonly data?: unknown }
}

export type RpcMessage = RpcRequest | RpcNotification | RpcSuccess | RpcFailure

/** Codes that JSON-RPC 2.0 and MCP fix; the last three are those of 2026-07-28. */
export const RPC = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internalError: -32603,
  resourceNotFound: -32002,
  urlElicitationRequired: -32042,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const

/** An answer that is a JSON-RPC error: one that we send, or one that a peer sent and that is passed on as it came. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  readonly data: unknown

  constructor(code: number, message: string, options: ErrorOptions & { readonly data?: unknown } = {}) {
    super(message, options)
    this.code = code
    this.data = options.data
  }
}
