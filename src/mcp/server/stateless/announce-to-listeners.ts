import type { Caller } from '../../../contract/caller.ts'
import { Fault } from '../../../contract/fault.ts'
import { inTurns } from '../in-turns.ts'
import { ANNOUNCED, type Announced, type ListenStream } from './listen-stream.ts'
import type { StatelessState } from './stateless-state.ts'

/**
 * Tell each stream whose visible lists are others than it knows of, and nobody else.
 *
 * Rights are asked for anew. A stream whose credentials are gone is ended, and so is one that may no longer follow one of its resources or
 * tasks: its client asks again, and is told what it may follow. Never throws.
 */
export async function announceToListeners(streams: readonly ListenStream[], state: StatelessState): Promise<void> {
  await inTurns(streams, (stream) => announceTo(stream, state))
}

/** What a client sees of the lists that are announced together, in short. */
export const listFingerprint = ({ lists }: StatelessState, { caller, source }: ListenStream, kind: Announced): string =>
  ANNOUNCED[kind].kinds.map((list) => lists.fingerprint(list, caller, source)).join('/')

async function announceTo(stream: ListenStream, state: StatelessState): Promise<void> {
  try {
    const caller = await callerOf(stream)
    if (!caller) return stream.end()
    const before = stream.caller
    stream.caller = caller
    for (const [kind, known] of stream.known) {
      const now = listFingerprint(state, stream, kind)
      if (now !== known && stream.tell(ANNOUNCED[kind].method)) stream.known.set(kind, now)
    }
    const followed = [...stream.resources.values(), ...[...stream.taskIds].map((id) => `task:${id}`)]
    if (followed.every((name) => mayFollow(state, caller, name))) return
    // With the right that it was begun with: without it the door lets nobody end a subscription, and its server would go on.
    stream.caller = before
    stream.end()
  } catch (thrown) {
    state.log.error({ err: thrown, requestId: stream.requestId }, 'mcp.announcement_failed')
  }
}

function mayFollow({ backend }: StatelessState, caller: Caller, name: string): boolean {
  const permit = backend.find(name)?.permit
  // What is gone for now may come back, and says nothing meanwhile.
  return permit === undefined || caller.grants.allows(permit)
}

async function callerOf(stream: ListenStream): Promise<Caller | undefined> {
  try {
    return await stream.refresh()
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'unauthorized') return undefined
    throw thrown
  }
}
