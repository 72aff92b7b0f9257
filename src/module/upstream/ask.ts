import { Fault } from '../../contract/fault.ts'
import type { Callable } from '../../contract/tool.ts'
import type { Answer, RelayedResult, Visit } from '../../contract/visit.ts'
import { RPC, RpcError } from '../../mcp/rpc.ts'
import { judgeAsk } from './judge-ask.ts'
import type { Link } from './link.ts'

/** What the door calls a question of a server to a client. */
export const askName = (alias: string, method: string): string => `request:${alias}__${method}`

/** A server's question to a client, as the door lets it through: part of the call that it belongs to, with a record of its own. */
export const askOf = (link: Link, method: string): Callable => ({
  name: askName(link.alias, method),
  source: link.alias,
  localName: method,
  kind: 'request',
  permit: undefined,
  effect: 'read',
  idempotent: false,
  parse: (raw) => judgeAsk(link.alias, link.definition.deny, method, raw),
  run: (visit) => putToClient(link.alias, method, visit),
})

/** What the client has not declared is refused by its own transport, which knows what to tell the client. @throws Fault whose cause is what the server is answered */
async function putToClient(alias: string, method: string, { ask, signal, arguments: params }: Visit): Promise<Answer> {
  if (ask === undefined) {
    const message = `The client of this call cannot be asked ${method}.`
    throw new Fault('unavailable', message, { cause: new RpcError(RPC.methodNotFound, message) })
  }
  try {
    const result = await ask(method, params, signal)
    if (typeof result === 'object' && result !== null && !Array.isArray(result))
      return { kind: 'relay', result: result as RelayedResult }
  } catch (thrown) {
    if (!(thrown instanceof RpcError)) throw thrown
    const { code, message } = thrown
    const kind = code === RPC.methodNotFound ? 'unavailable' : 'upstream'
    throw new Fault(kind, `The client refused to answer ${alias}: ${message.slice(0, 1_000)} (${code})`, { cause: thrown })
  }
  throw new Fault('upstream', `The client answered ${method} with what is no result.`)
}
