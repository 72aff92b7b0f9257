import { FAULTS } from '../../contract/fault.ts'
import { RPC, type RpcId } from '../rpc.ts'
import { announceChanges } from './announce-changes.ts'
import { readEventId, readWaiting, type Seen, writeEventId } from './event-id.ts'
import type { KeptEvent } from './event-store.ts'
import { EventStream } from './event-stream.ts'
import { findSession } from './find-session.ts'
import { mayHearText } from './may-hear.ts'
import type { McpRequest } from './mcp-request.ts'
import { heardAgain } from './question.ts'
import { Refusal } from './refusal.ts'
import { requireGetHeaders } from './request-headers.ts'
import { errorText } from './response-text.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'
import { StandingStream } from './standing-stream.ts'
import { takeUpSession } from './take-up-session.ts'

/**
 * A GET: open the session's standing stream, and tell at once what changed while there was none; or take up a stream that the client lost.
 *
 * @throws Refusal 400 for an event that no stream of this session has sent, or after which nothing is kept and nobody waits
 */
export async function openStream(state: ServerState, request: McpRequest): Promise<void> {
  requireGetHeaders(request.headers)
  const session = findSession(state, request) ?? (await takeUpSession(state, request))
  const seen = lastSeen(session, request)
  if (seen && !seen.standing) return resumeCall(state, request, session, seen)
  const { caller, refresh, res, answerHeaders: headers } = request
  const { store, limits, backend } = state
  const nowMs = state.nowMs()
  // The newest wins: a client that lost its connection must not wait until the old one is found dead.
  session.stream?.end()
  const bufferBytes = limits.streamBufferBytes
  const stream = new StandingStream({
    session,
    store,
    res,
    headers,
    caller,
    refresh,
    bufferBytes,
    nowMs,
    resumed: seen,
    mayHear: (json) => mayHearText(backend, caller, session.source, json),
  })
  session.stream = stream
  state.streams.add(stream)
  res.once('close', () => forget(state, stream))
  heardAgain(session, undefined, nowMs + limits.answerMs)
  await announceChanges([stream], state)
}

/** A call's stream goes on where its client lost it; one that has ended is told to its end. */
function resumeCall(state: ServerState, { res, answerHeaders }: McpRequest, session: Session, seen: Seen): void {
  const { name, after, waiting } = seen
  const nowMs = state.nowMs()
  const running = session.callStreams?.get(name)
  const missed = running ? [] : missedOf(state, session, seen)
  if (missed.length === 0 && !running) throw unknownEvent()
  const events = new EventStream(res, answerHeaders, nowMs)
  if (running) {
    running.resume(events, after, nowMs)
    heardAgain(session, name, nowMs + state.limits.answerMs)
    return
  }
  for (const { number, json } of missed) events.send(json, nowMs, writeEventId(name, number, waiting))
  events.end()
}

/** What came after a place on a call's stream; where nothing of it is kept, that the answers are lost, so that nobody waits for them. */
function missedOf(
  { store }: ServerState,
  session: Session,
  { name, after, waiting }: Seen,
): Pick<KeptEvent, 'number' | 'json'>[] {
  const kept = store.after(session, name, after)
  if (kept.length > 0) return kept
  return readWaiting(waiting).map((id, index) => ({ number: after + index + 1, json: lostText(id) }))
}

const lostText = (id: RpcId): string =>
  errorText(
    id,
    FAULTS.unavailable.rpc,
    'The answer is lost: the gateway was started anew since, or has kept it for as long as it does. Nobody here knows how far the call came. Call again if that does no harm.',
  )

function lastSeen(session: Session, { headers }: McpRequest): Seen | undefined {
  const id = headers['last-event-id']
  if (id === undefined || id === '') return undefined
  const seen = readEventId(String(id))
  const { streamCount, lostStreams } = session
  // Numbers are times, so that a clock that was set back makes those of an earlier process greater than those of this one.
  const isAhead = seen !== undefined && seen.stream > streamCount
  if (seen === undefined || (isAhead && lostStreams === 0)) throw unknownEvent()
  // Of an earlier process nothing is kept: what is told to nobody in particular goes on, on a new stream.
  if (seen.standing && (isAhead || seen.stream <= lostStreams)) return undefined
  return seen
}

const unknownEvent = (): Refusal =>
  new Refusal(
    400,
    RPC.invalidRequest,
    'Nothing is kept after the event of the Last-Event-ID header. Open the stream without it; ask again for what was not answered.',
  )

function forget({ streams, nowMs, log }: ServerState, stream: StandingStream): void {
  const { session } = stream
  if (stream.tooSlow) log.warn({ caller: session.callerId, session: session.key }, 'mcp.slow_reader_cut_off')
  streams.delete(stream)
  session.lastSeenAt = nowMs()
  if (session.stream === stream) session.stream = undefined
}
