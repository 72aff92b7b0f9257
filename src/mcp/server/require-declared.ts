import { RPC, RpcError } from '../rpc.ts'
import { lackingCapability } from './lacking-capability.ts'
import { isRecord } from './message.ts'

/**
 * A client is asked only what it said it can answer; for the rest the server hears what such a client would have said itself.
 *
 * @throws RpcError -32601 for a method, -32602 for a kind of it
 */
export function requireDeclared(capabilities: Readonly<Record<string, unknown>>, method: string, params: unknown): void {
  const lacking = lackingCapability(capabilities, method, params)
  if (!lacking) return
  const [name] = Object.keys(lacking)
  if (name === undefined || !isRecord(capabilities[name]))
    throw new RpcError(RPC.methodNotFound, `The client does not answer ${method.slice(0, 100)}: it has not declared that it can.`)
  const kinds = Object.keys(Object(lacking[name])).join(', ')
  throw new RpcError(RPC.invalidParams, `The client has not declared that it takes ${name} of this kind: ${kinds}.`)
}
