import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import { notificationText } from './response-text.ts'
import type { ServerState } from './server-state.ts'
import type { StandingStream } from './standing-stream.ts'

const TOOLS_CHANGED = notificationText('notifications/tools/list_changed')

/**
 * Tell each client whose visible list is another than it knows of, and nobody else.
 *
 * Rights are asked for anew, so that a change acts without the client sending anything; a stream whose credentials are gone is ended.
 * Never throws.
 */
export async function announceTools(streams: readonly StandingStream[], state: ServerState): Promise<void> {
  await Promise.all(streams.map((stream) => announceTo(stream, state)))
}

async function announceTo(stream: StandingStream, { lists, nowMs, log }: ServerState): Promise<void> {
  const { session } = stream
  try {
    const caller = await callerOf(stream)
    if (!caller) return stream.end()
    stream.caller = caller
    const fingerprint = lists.fingerprint('tool', caller, session.source)
    if (fingerprint === session.knownTools) return
    if (stream.send(TOOLS_CHANGED, nowMs())) session.knownTools = fingerprint
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
