import { Fault, type FaultCode } from '../../contract/fault.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'
import { SessionClient } from './session-client.ts'
import type { StandingStream } from './standing-stream.ts'
import { aimAtSubscription } from './target.ts'

/** What may be otherwise once the lists have changed again. */
const PASSING: ReadonlySet<FaultCode> = new Set(['not_found', 'unavailable', 'disabled', 'busy', 'rate_limited', 'timeout'])

/** A stream that goes away in between leaves the session watching, as one that goes away later does. */
const NEVER = new AbortController().signal

/**
 * Ask servers again for what a session watched in an earlier process, through the door and with the rights of today.
 *
 * What is not there at present is asked for when the lists have changed. Never throws, and nobody waits for it.
 */
export async function watchAgain(state: ServerState, stream: StandingStream): Promise<void> {
  const { session } = stream
  const uris = session.toWatch
  session.toWatch = undefined
  const later = await Promise.all([...(uris ?? [])].map(async (uri) => ((await watch(state, stream, uri)) ? [] : [uri])))
  if (later.flat().length > 0) session.toWatch = new Set(later.flat())
}

/** @returns whether that is settled, one way or the other */
async function watch(state: ServerState, { session, caller }: StandingStream, uri: string): Promise<boolean> {
  const { backend, sessions, log } = state
  // The client may have taken it back meanwhile.
  if (!sessions.has(session) || !session.watched?.has(uri)) return true
  try {
    const { name, args } = aimAtSubscription(
      { backend, caller, source: session.source, method: 'resources/subscribe', params: { uri } },
      true,
    )
    if (backend.find(name) === undefined) return false
    session.client ??= new SessionClient(state, session)
    const entry = { transport: 'mcp', requestId: `again-${session.key}`, sessionKey: session.key } as const
    await backend.enter(caller, name, args, { ...entry, signal: NEVER, client: session.client })
    return true
  } catch (thrown) {
    const { code } = Fault.from(thrown)
    if (PASSING.has(code)) return false
    log.debug({ session: session.key, code }, 'mcp.not_watched_again')
    forget(state, session, uri)
    return true
  }
}

function forget({ keeper }: ServerState, session: Session, uri: string): void {
  session.watched?.delete(uri)
  keeper.change(session)
}
