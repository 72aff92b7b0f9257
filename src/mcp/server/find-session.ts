import { Fault } from '../../contract/fault.ts'
import { cancelCall } from './call.ts'
import type { McpRequest } from './mcp-request.ts'
import { withdrawAll } from './question.ts'
import { REFUSAL, Refusal } from './refusal.ts'
import { requireKnownRevision, requireSessionId } from './request-headers.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/** The live session that a message names, which is in use again. @throws Refusal 400, 404 */
export function findSession({ sessions, nowMs }: ServerState, { headers, caller, source }: McpRequest): Session {
  const id = requireSessionId(headers)
  requireKnownRevision(headers)
  const session = sessions.find(id, caller.id, source)
  if (!session)
    throw new Refusal(
      404,
      REFUSAL.sessionNotFound,
      'Session not found: it was ended or has expired. Send initialize to begin a new one.',
    )
  session.lastSeenAt = nowMs()
  return session
}

/** Forget a session, end its stream, take back its calls and tell the house. */
export function endSession({ sessions, store, backend }: ServerState, session: Session): void {
  sessions.remove(session)
  const why = new Fault('cancelled', 'The session was ended by its client.')
  withdrawAll(session, why)
  for (const call of session.calls?.values() ?? []) cancelCall(call, why)
  session.stream?.end()
  store.forget(session)
  backend.sessionEnded(session.key)
}
