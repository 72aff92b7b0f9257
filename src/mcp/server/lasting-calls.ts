import { FAULTS } from '../../contract/fault.ts'
import type { RpcId } from '../rpc.ts'
import type { Call } from './call.ts'
import { errorText } from './response-text.ts'
import type { Session } from './session.ts'
import type { SessionKeeper } from './session-keeper.ts'

/** A stream, and the request that it is to answer. */
export type LastingCall = readonly [stream: string, id: RpcId]

/** Of one session; further ones are lost as short ones are. */
export const MAX_CALLS = 100
const MAX_ID_CHARS = 200

/**
 * Note which calls have streams that clients may come back to, so that a later process can say that they were lost with this one: else their
 * clients wait until they give up. Called now and then, so that calls that end soon cost nothing.
 */
export function noteLastingCalls(calls: Iterable<Call>, sessions: Iterable<Session>, keeper: SessionKeeper): void {
  const found = new Map<Session, LastingCall[]>()
  for (const { id, session, exchange } of calls) {
    const stream = exchange.streamName
    if (stream === undefined || String(id).length > MAX_ID_CHARS) continue
    const own = found.get(session) ?? []
    if (own.length < MAX_CALLS) own.push([stream, id])
    found.set(session, own)
  }
  for (const session of sessions) {
    const now = found.get(session)
    if (session.lastingCalls === undefined && now === undefined) continue
    session.lastingCalls = now
    keeper.change(session)
  }
}

/** The answer to a call that an earlier process took with it. */
export const lostCallText = (id: RpcId): string =>
  errorText(
    id,
    FAULTS.unavailable.rpc,
    'The gateway ended while the call was under way, so nobody knows how far it came. Call again if that does no harm.',
  )
