import { RPC, type RpcId, type RpcNotification, type RpcRequest } from '../rpc.ts'
import { Refusal } from './refusal.ts'

/** One message of a client, told apart by plain property checks; its fields are not touched. */
export type ClientMessage =
  | { readonly kind: 'request'; readonly message: RpcRequest }
  | { readonly kind: 'notification'; readonly message: RpcNotification }
  | { readonly kind: 'response'; readonly id: RpcId; readonly message: Readonly<Record<string, unknown>> }
  | { readonly kind: 'malformed'; readonly id: RpcId | null; readonly reason: string }

/** The body of a POST. @throws Refusal 400 with -32700 */
export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new Refusal(400, RPC.parseError, 'The body is not valid JSON. Send one JSON-RPC 2.0 message.')
  }
}

/** Tell a message's kind (JSON-RPC 2.0, 4 and 5, as MCP narrows it: no `null` ids, `params` an object). */
export function readMessage(raw: unknown): ClientMessage {
  if (!isRecord(raw)) return malformed(null, 'A message is a JSON object.')
  const id = isId(raw['id']) ? raw['id'] : null
  if (raw['jsonrpc'] !== '2.0') return malformed(id, 'The field jsonrpc must be "2.0".')
  if (raw['method'] === undefined) return readResponse(raw, id)
  if (typeof raw['method'] !== 'string') return malformed(id, 'The field method must be a text.')
  if (raw['params'] !== undefined && !isRecord(raw['params'])) return malformed(id, 'The field params must be an object.')
  if (!('id' in raw)) return { kind: 'notification', message: raw as unknown as RpcNotification }
  if (id === null) return malformed(null, 'The id of a request must be a text, or a number of at most 2^53 - 1.')
  return { kind: 'request', message: raw as unknown as RpcRequest }
}

/** Whether a value is a JSON object. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a value may identify a request. Fractions and negative numbers do; what a double does not hold would come back as another. */
export const isId = (value: unknown): value is RpcId =>
  typeof value === 'string' || (typeof value === 'number' && Math.abs(value) <= Number.MAX_SAFE_INTEGER)

function readResponse(raw: Readonly<Record<string, unknown>>, id: RpcId | null): ClientMessage {
  if (id === null || !('result' in raw || 'error' in raw))
    return malformed(id, 'A message needs a method, or a result or error with an id.')
  return { kind: 'response', id, message: raw }
}

const malformed = (id: RpcId | null, reason: string): ClientMessage => ({ kind: 'malformed', id, reason })
