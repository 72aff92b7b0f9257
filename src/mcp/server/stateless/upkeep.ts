import { FAULTS, Fault } from '../../../contract/fault.ts'
import { errorText } from '../response-text.ts'
import { announceToListeners } from './announce-to-listeners.ts'
import type { StatelessState } from './stateless-state.ts'

/** Look after clients of the stateless era: break silences, let go of calls that wait for long and of clients that are gone, notice rights that have run out. */
export function lookAfter(state: StatelessState, nowMs: number): void {
  const { replies, streams, parking, clients, limits } = state
  for (const open of [...replies.all(), ...streams]) open.keepAlive(nowMs, limits.keepAliveMs)
  for (const call of parking.expired(nowMs))
    call.cancel(new Fault('timeout', 'The client did not answer what it was asked in time.'))
  clients.forgetIdle(nowMs)
  const expired = [...streams].filter(({ caller }) => caller.grants.expiresAt <= nowMs)
  if (expired.length > 0) void announceToListeners(expired, state)
}

/** End the streams and let go of calls that wait for their clients; give all others `budgetMs`, then take them back. */
export async function closeStateless({ replies, streams, parking }: StatelessState, budgetMs: number): Promise<void> {
  for (const stream of streams) stream.end()
  for (const call of parking.waiting()) call.cancel(stopped())
  await replies.drained(budgetMs)
  for (const reply of replies.all()) {
    const fault = stopped()
    const { onGone } = reply
    reply.respond(errorText(reply.id, FAULTS.unavailable.rpc, fault.message))
    onGone?.()
  }
}

const stopped = (): Fault => new Fault('unavailable', 'The gateway stopped before the call had ended.')
