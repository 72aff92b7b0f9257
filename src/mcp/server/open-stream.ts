import { findSession } from './find-session.ts'
import { announceTools } from './list-changed.ts'
import type { McpRequest } from './mcp-request.ts'
import { requireGetHeaders } from './request-headers.ts'
import type { ServerState } from './server-state.ts'
import { StandingStream } from './standing-stream.ts'

/** A GET: open the session's standing stream, and tell at once what changed while there was none. @throws Refusal */
export async function openStream(state: ServerState, request: McpRequest): Promise<void> {
  requireGetHeaders(request.headers)
  const session = findSession(state, request)
  const { caller, refresh, res, answerHeaders } = request
  // The newest wins: a client that lost its connection must not wait until the old one is found dead.
  session.stream?.end()
  const bufferBytes = state.limits.streamBufferBytes
  const nowMs = state.nowMs()
  const stream = new StandingStream({ session, res, headers: answerHeaders, caller, refresh, bufferBytes, nowMs })
  session.stream = stream
  state.streams.add(stream)
  res.once('close', () => forget(state, stream))
  await announceTools([stream], state)
}

function forget({ streams, nowMs }: ServerState, stream: StandingStream): void {
  const { session } = stream
  streams.delete(stream)
  session.lastSeenAt = nowMs()
  if (session.stream === stream) session.stream = undefined
}
