import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'

/** Each server that hears of it asks the client for its roots, so it is told at most once in so long. In ms. */
const PAUSE_MS = 1_000

/** Tell the servers of a session that its roots changed, unless they have just been told; then the next look at the session does. */
export function tellOfRoots({ backend, nowMs }: Pick<ServerState, 'backend' | 'nowMs'>, session: Session): void {
  if (!session.rootsStale || nowMs() - session.rootsToldAt < PAUSE_MS) return
  session.rootsStale = false
  session.rootsToldAt = nowMs()
  backend.rootsChanged(session.key)
}
