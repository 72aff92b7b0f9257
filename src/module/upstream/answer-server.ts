import type { Caller } from '../../contract/caller.ts'
import type { Ask, Entry } from '../../contract/visit.ts'
import { RPC, RpcError } from '../../mcp/rpc.ts'
import { askName } from './ask.ts'
import type { Call } from './call.ts'
import type { LineOwner } from './line.ts'
import type { Link } from './link.ts'

/** Whom a server's question is for. */
export type Asked = Call | LineOwner | undefined

/**
 * Answer what a server asks: by the client of the call that it belongs to, through the door.
 *
 * @param signal aborts when the server takes its question back
 * @throws RpcError as the server is answered
 */
export async function answerServer(
  link: Link,
  asked: Asked,
  method: string,
  params: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  if (asked === undefined)
    throw new RpcError(
      RPC.methodNotFound,
      `There is no client to ask ${method.slice(0, 80)}: no call of one client is under way.`,
    )
  try {
    return await askClient(link, asked, method, params, signal)
  } catch (thrown) {
    const { cause, message } = thrown as Error
    throw cause instanceof RpcError ? cause : new RpcError(RPC.internalError, message)
  }
}

/**
 * The same for questions that came as part of a result.
 *
 * @param ask by what the client is asked; default as its call says
 * @throws Fault
 */
export async function askClient(
  link: Link,
  asked: Call | LineOwner,
  method: string,
  params: unknown,
  signal: AbortSignal,
  ask?: Ask,
): Promise<unknown> {
  const enter = async (caller: Caller, entry: Entry): Promise<unknown> => {
    const answer = await link.enter(caller, askName(link.alias, method), params, ask ? { ...entry, ask } : entry)
    return answer.kind === 'relay' ? answer.result : answer.data
  }
  if (!('visit' in asked)) return enter(asked.caller, standingEntry(asked, signal))
  link.places.leave(asked.visit)
  asked.openQuestions += 1
  try {
    return await enter(asked.visit.caller, partOf(asked, signal))
  } finally {
    asked.openQuestions -= 1
  }
}

/** What a call's questions share with it. */
export function partOf({ visit, over }: Call, signal: AbortSignal): Entry {
  const { transport, requestId, sessionKey, client, ask, id, depth, traceparent } = visit
  return {
    transport,
    requestId,
    sessionKey,
    signal: AbortSignal.any([signal, over]),
    parentId: id,
    isPart: true,
    ...(client && { client }),
    ...(ask && { ask }),
    ...(depth !== undefined && { depth }),
    ...(traceparent !== undefined && { traceparent }),
  }
}

function standingEntry({ sessionKey, requestId, client }: LineOwner, signal: AbortSignal): Entry {
  const ask = client?.standing?.ask
  return { transport: 'mcp', requestId, sessionKey, signal, ...(client && { client }), ...(ask && { ask }) }
}
