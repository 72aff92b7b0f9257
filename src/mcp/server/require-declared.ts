import { RPC, RpcError } from '../rpc.ts'
import { isRecord } from './message.ts'

type Capabilities = Readonly<Record<string, unknown>>

/** What servers may ask of clients, and the capability that a client declares for it. */
const QUESTIONS: ReadonlyMap<string, string> = new Map([
  ['elicitation/create', 'elicitation'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
  // What a client does with what it was asked as a task (2025-11-25, experimental).
  ['tasks/get', 'tasks'],
  ['tasks/result', 'tasks'],
  ['tasks/list', 'tasks'],
  ['tasks/cancel', 'tasks'],
])

/**
 * A client is asked only what it said it can answer; for the rest the server hears what such a client would have said itself.
 *
 * @throws RpcError -32601 for a method, -32602 for a kind of it
 */
export function requireDeclared(capabilities: Capabilities, method: string, params: unknown): void {
  const needed = QUESTIONS.get(method)
  const declared = needed === undefined ? undefined : capabilities[needed]
  if (!isRecord(declared))
    throw new RpcError(RPC.methodNotFound, `The client does not answer ${method.slice(0, 100)}: it has not declared that it can.`)
  const missing = isRecord(params) ? missingKind(method, declared, params) : undefined
  if (missing !== undefined) throw new RpcError(RPC.invalidParams, `The client has not declared that it takes ${missing}.`)
}

/** @returns the kind of request that the client does not take */
function missingKind(method: string, declared: Capabilities, params: Capabilities): string | undefined {
  if (method === 'sampling/createMessage')
    return (params['tools'] !== undefined || params['toolChoice'] !== undefined) && !isRecord(declared['tools'])
      ? 'sampling with tools'
      : undefined
  if (method !== 'elicitation/create') return undefined
  if (params['mode'] === 'url') return isRecord(declared['url']) ? undefined : 'elicitation by address'
  // To have declared no kind means forms (MCP 2025-11-25, elicitation).
  return isRecord(declared['url']) && !isRecord(declared['form']) ? 'elicitation by form' : undefined
}
