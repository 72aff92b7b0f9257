import { RPC, RpcError, type RpcId, type RpcRequest } from '../rpc.ts'
import { sendJson } from './exchange.ts'
import { instructionsFor, readHello, welcome } from './initialize.ts'
import type { McpRequest } from './mcp-request.ts'
import { Refusal } from './refusal.ts'
import { errorText, resultText } from './response-text.ts'
import type { ServerState } from './server-state.ts'

/** `initialize`: begin a session and tell its id in a header. @throws Refusal 400 in a live session, 429 and 503 when there is no room */
export function openSession(state: ServerState, request: McpRequest, message: RpcRequest): void {
  refuseSecond(state, request, message.id)
  const { res, answerHeaders } = request
  try {
    const { id, result } = begin(state, request, message)
    sendJson({ res, headers: { ...answerHeaders, 'mcp-session-id': id } }, 200, resultText(message.id, result))
  } catch (thrown) {
    if (!(thrown instanceof RpcError)) throw thrown
    sendJson({ res, headers: answerHeaders }, 200, errorText(message.id, thrown.code, thrown.message))
  }
}

function begin(
  { sessions, lists, identity, nowMs, log }: ServerState,
  { caller, source, requestId }: McpRequest,
  message: RpcRequest,
): { id: string; result: string } {
  const hello = readHello(message)
  const knownTools = lists.fingerprint('tool', caller, source)
  const { revision } = hello
  const session = sessions.open({ callerId: caller.id, source, revision, knownTools, nowMs: nowMs() })
  log.debug({ requestId, caller: caller.id, session: session.key, source, ...hello }, 'mcp.session_opened')
  const instructions = instructionsFor(source, lists.isEmpty('tool', caller, source))
  return { id: session.id, result: welcome(revision, identity, instructions) }
}

/** A stale id is let pass: its client lost the session and starts anew. */
function refuseSecond({ sessions }: ServerState, { headers, caller, source }: McpRequest, id: RpcId): void {
  const known = headers['mcp-session-id']
  if (typeof known === 'string' && sessions.find(known, caller.id, source))
    throw new Refusal(400, RPC.invalidRequest, 'The session is initialized already. Send initialize without a session id.', {
      id,
    })
}
