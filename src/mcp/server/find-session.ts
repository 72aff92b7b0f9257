import { Fault } from '../../contract/fault.ts'
import { cancelCall } from './call.ts'
import type { McpRequest } from './mcp-request.ts'
import { withdrawAll } from './question.ts'
import { requireKnownRevision, requireSessionId } from './request-headers.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/** The live session that a message names, which is in use again; one that is not live may be taken up. @throws Refusal 400 */
export function findSession({ sessions, nowMs }: ServerState, { headers, caller, source }: McpRequest): Session | undefined {
  const id = requireSessionId(headers)
  requireKnownRevision(headers)
  const session = sessions.find(id, caller.id, source)
  if (session) session.lastSeenAt = nowMs()
  return session
}

/** Forget a session, end its stream, take back its calls and tell the house. */
export function endSession({ sessions, keeper, store, backend }: ServerState, session: Session): void {
  sessions.remove(session)
  keeper.end(session)
  const why = new Fault('cancelled', 'The session was ended by its client.')
  withdrawAll(session, why)
  for (const call of session.calls?.all() ?? []) cancelCall(call, why)
  session.stream?.end()
  store.forget(session)
  backend.sessionEnded(session.key)
}
