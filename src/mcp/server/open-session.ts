import { RPC, RpcError, type RpcId, type RpcRequest } from '../rpc.ts'
import { capabilitiesOf } from './capabilities.ts'
import { composeInstructions } from './compose-instructions.ts'
import { sendJson } from './exchange.ts'
import { readHello, welcome } from './initialize.ts'
import type { McpRequest } from './mcp-request.ts'
import { Refusal } from './refusal.ts'
import { errorText, resultText } from './response-text.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/** Longest client name that is written to a log. */
const MAX_SHOWN = 100

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
  state: ServerState,
  { caller, source, requestId }: McpRequest,
  message: RpcRequest,
): { id: string; result: string } {
  const { sessions, keeper, lists, backend, identity, limits, nowMs, log } = state
  const { revision, capabilities, info } = readHello(message)
  const known = lists.known(caller, source)
  const session = sessions.open({ caller, source, revision, known, capabilities, info, nowMs: nowMs() })
  keeper.begin(session)
  log.debug({ requestId, caller: caller.id, session: session.key, source, revision, ...shown(info) }, 'mcp.session_opened')
  const sources = lists.sources(caller, source)
  const servers = backend.instructions().filter((server) => sources.has(server.source))
  const instructions = composeInstructions(source, servers, sources.size === 0, limits.instructionsChars)
  const offered = { ...capabilitiesOf(servers, lists.hasTasks(caller, source)), logging: {} }
  return { id: session.id, result: welcome(revision, identity, offered, instructions) }
}

const shown = ({ name, version }: Session['info']): object => ({
  clientName: String(name).slice(0, MAX_SHOWN),
  clientVersion: String(version).slice(0, MAX_SHOWN),
})

/** A stale id is let pass: its client lost the session and starts anew. */
function refuseSecond({ sessions }: ServerState, { headers, caller, source }: McpRequest, id: RpcId): void {
  const known = headers['mcp-session-id']
  if (typeof known === 'string' && sessions.find(known, caller.id, source))
    throw new Refusal(400, RPC.invalidRequest, 'The session is initialized already. Send initialize without a session id.', {
      id,
    })
}
