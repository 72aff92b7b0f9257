import type { RpcId } from '../rpc.ts'

/** A JSON-RPC success around a result that is text already, so that nothing large is parsed or walked again. */
export const resultText = (id: RpcId, resultJson: string): string =>
  `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${resultJson}}`

/** A JSON-RPC error. */
export const errorText = (id: RpcId | null, code: number, message: string, data?: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } })

/** A JSON-RPC notification. */
export const notificationText = (method: string, params?: unknown): string => JSON.stringify({ jsonrpc: '2.0', method, params })

/** A JSON-RPC request to a client. */
export const requestText = (id: RpcId, method: string, params?: unknown): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params })
