import type { Caller } from '../../contract/caller.ts'
import type { KnownLists } from './lists.ts'
import type { Revision } from './revision.ts'
import type { Session } from './session.ts'

/** What is known of a session when it begins. */
export interface Opening {
  readonly caller: Pick<Caller, 'id' | 'userId' | 'tokenId'>
  readonly source: string | undefined
  readonly revision: Revision
  readonly known: KnownLists
  readonly capabilities: Session['capabilities']
  readonly info: Session['info']
  readonly nowMs: number
}

/** A session that nothing has happened in. */
export const newSession = (id: string, key: string, { caller, nowMs, ...opening }: Opening): Session => ({
  id,
  callerId: caller.id,
  userId: caller.userId,
  tokenId: caller.tokenId,
  key,
  source: opening.source,
  revision: opening.revision,
  capabilities: opening.capabilities,
  info: opening.info,
  client: undefined,
  initialized: false,
  level: undefined,
  lastSeenAt: nowMs,
  keptSeenAt: nowMs,
  known: opening.known,
  streamCount: 0,
  lostStreams: 0,
  stream: undefined,
  callStreams: undefined,
  kept: undefined,
  calls: undefined,
  questions: undefined,
  questionCount: 0,
  rootsToldAt: 0,
  rootsStale: false,
  watched: undefined,
  toWatch: undefined,
})
