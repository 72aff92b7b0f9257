import type { KeptSession } from '../../contract/session-book.ts'
import { readKeptContent } from './kept-content.ts'
import type { McpRequest } from './mcp-request.ts'
import { newSession } from './new-session.ts'
import { REFUSAL, Refusal, stoppingRefusal } from './refusal.ts'
import { requireSessionId } from './request-headers.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/**
 * The session that a message names, out of what an earlier process has written down of it.
 *
 * Waits until it is known again what servers offer, so that no client is told that what it used a moment ago does not exist.
 *
 * @throws Refusal 404 for what nobody has written down, for a session of another caller and for one of another address; 429, 503, also where the
 * server ends while that is waited for
 */
export async function takeUpSession(state: ServerState, request: McpRequest): Promise<Session> {
  const id = requireSessionId(request.headers)
  if (findKept(state, request, id)) await state.backend.settled()
  const { sessions, keeper } = state
  if (keeper.closed) throw stoppingRefusal()
  // Several requests may wait for the same session, and one of them may have been its end.
  const session = sessions.find(id, request.caller.id, request.source) ?? restore(state, request, id)
  if (!session) throw notFound()
  session.lastSeenAt = state.nowMs()
  return session
}

/** End what an earlier process has written down, also where its caller has no room to take it up. @throws Refusal 404 as `takeUpSession` */
export function endKeptSession(state: ServerState, request: McpRequest): void {
  const id = requireSessionId(request.headers)
  if (!findKept(state, request, id)) throw notFound()
  state.keeper.forget(id)
}

const notFound = (): Refusal =>
  new Refusal(404, REFUSAL.sessionNotFound, 'Session not found: it was ended or has expired. Send initialize to begin a new one.')

/** Nobody learns which of the three failed. */
function findKept({ keeper }: ServerState, { caller, source }: McpRequest, id: string): KeptSession | undefined {
  const kept = keeper.find(id)
  return kept && kept.callerId === caller.id && kept.source === (source ?? null) ? kept : undefined
}

function restore(state: ServerState, request: McpRequest, id: string): Session | undefined {
  const kept = findKept(state, request, id)
  const content = kept && readKeptContent(kept.content)
  if (!content) return undefined
  const { sessions, log } = state
  const { caller, source, requestId } = request
  const session = sessions.add(sessionOf(id, kept, content, state.nowMs()))
  log.debug({ requestId, caller: caller.id, session: kept.key, source }, 'mcp.session_taken_up')
  return session
}

function sessionOf(
  id: string,
  { key, callerId, userId, tokenId, source, seenAt }: KeptSession,
  { level, watched, ...said }: NonNullable<ReturnType<typeof readKeptContent>>,
  nowMs: number,
): Session {
  const caller = { id: callerId, userId: userId ?? undefined, tokenId: tokenId ?? undefined }
  return {
    ...newSession(id, key, { caller, source: source ?? undefined, nowMs, ...said }),
    initialized: true,
    level,
    keptSeenAt: seenAt,
    // Ids of events and questions must not come twice; there were never more of them than milliseconds have passed.
    streamCount: nowMs,
    lostStreams: nowMs,
    questionCount: nowMs,
    watched: watched && new Set(watched),
    toWatch: watched && new Set(watched),
  }
}
