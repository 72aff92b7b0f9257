import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import { inTurns } from './in-turns.ts'
import { notificationText } from './response-text.ts'
import type { ServerState } from './server-state.ts'
import type { StandingStream } from './standing-stream.ts'
import { watchAgain } from './watch-again.ts'

/** What is said of which lists; a change of a template is one of the resources. */
const NEWS = [
  { text: notificationText('notifications/tools/list_changed'), kinds: ['tool'] },
  { text: notificationText('notifications/prompts/list_changed'), kinds: ['prompt'] },
  { text: notificationText('notifications/resources/list_changed'), kinds: ['resource', 'template'] },
] as const

/**
 * Tell each client of the lists that are others than it knows of, and of no others.
 *
 * Rights are asked for anew, so that a change acts without the client sending anything; a stream whose credentials are gone is ended.
 * Never throws.
 */
export async function announceChanges(streams: readonly StandingStream[], state: ServerState): Promise<void> {
  await inTurns(streams, (stream) => announceTo(stream, state))
}

async function announceTo(stream: StandingStream, state: ServerState): Promise<void> {
  const { lists, keeper, nowMs, log } = state
  const { session } = stream
  try {
    const caller = await callerOf(stream)
    if (!caller) return stream.end()
    stream.caller = caller
    // A server may take its time, and others are to be told.
    if (session.toWatch) void watchAgain(state, stream)
    for (const { text, kinds } of NEWS) {
      const now = kinds.map((kind) => [kind, lists.fingerprint(kind, caller, session.source, session.key)] as const)
      if (now.every(([kind, fingerprint]) => session.known[kind] === fingerprint)) continue
      if (!stream.send(text, nowMs())) return
      session.known = { ...session.known, ...Object.fromEntries(now) }
      keeper.change(session)
    }
  } catch (thrown) {
    log.error({ err: thrown, session: session.key }, 'mcp.announcement_failed')
  }
}

async function callerOf(stream: StandingStream): Promise<Caller | undefined> {
  try {
    return await stream.refresh()
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'unauthorized') return undefined
    throw thrown
  }
}
