import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { Log } from '../../contract/house.ts'
import { notificationText } from './response-text.ts'
import type { StandingStream } from './standing-stream.ts'
import type { ToolLists } from './tool-lists.ts'

const TOOLS_CHANGED = notificationText('notifications/tools/list_changed')

interface Surroundings {
  readonly nowMs: () => number
  readonly log: Log
}

/**
 * Tell each client whose visible list is another than it knows of, and nobody else.
 *
 * Rights are asked for anew, so that a change acts without the client sending anything; a stream whose credentials are gone is ended.
 */
export async function announceTools(
  streams: readonly StandingStream[],
  lists: ToolLists,
  { nowMs, log }: Surroundings,
): Promise<void> {
  await Promise.all(
    streams.map(async (stream) => {
      const caller = await callerOf(stream, log)
      if (!caller) return stream.end()
      stream.caller = caller
      const { session } = stream
      const fingerprint = lists.fingerprint(caller, session.source)
      if (fingerprint === session.knownTools) return
      if (stream.send(TOOLS_CHANGED, nowMs())) session.knownTools = fingerprint
    }),
  )
}

/** The stream's connection is gone. */
export function closeStream(stream: StandingStream, nowMs: number): void {
  const { session } = stream
  session.lastSeenAt = nowMs
  if (session.stream === stream) session.stream = undefined
}

async function callerOf(stream: StandingStream, log: Log): Promise<Caller | undefined> {
  try {
    return await stream.refresh()
  } catch (thrown) {
    if (thrown instanceof Fault && thrown.code === 'unauthorized') return undefined
    log.warn({ err: thrown, session: stream.session.key }, 'mcp.refresh_failed')
    return stream.caller
  }
}
