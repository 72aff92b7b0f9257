import { RPC } from '../rpc.ts'
import { announceChanges } from './announce-changes.ts'
import { EventStream } from './event-stream.ts'
import { findSession } from './find-session.ts'
import { lostCallText } from './lasting-calls.ts'
import { mayHearText } from './may-hear.ts'
import type { McpRequest } from './mcp-request.ts'
import { heardAgain } from './question.ts'
import { Refusal } from './refusal.ts'
import { requireGetHeaders } from './request-headers.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'
import { StandingStream } from './standing-stream.ts'
import { takeUpSession } from './take-up-session.ts'

/** An event that a client has seen last: the kind of its stream (`s`tanding or `c`all), that stream's number, and its own. */
const EVENT_ID = /^(([sc])(\d{1,15}))-(\d{1,15})$/

interface Seen {
  readonly name: string
  readonly standing: boolean
  readonly after: number
}

/**
 * A GET: open the session's standing stream, and tell at once what changed while there was none; or take up a stream that the client lost.
 *
 * @throws Refusal 400 for an event that no stream of this session has sent, or of which nothing is kept
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
function resumeCall(state: ServerState, { res, answerHeaders }: McpRequest, session: Session, { name, after }: Seen): void {
  const nowMs = state.nowMs()
  const running = session.callStreams?.get(name)
  const missed = running ? [] : missedOf(state, session, name, after)
  if (missed.length === 0 && !running) throw unknownEvent()
  const events = new EventStream(res, answerHeaders, nowMs)
  if (running) {
    running.resume(events, after, nowMs)
    heardAgain(session, name, nowMs + state.limits.answerMs)
    return
  }
  for (const { number, json } of missed) events.send(json, nowMs, `${name}-${number}`)
  events.end()
}

/** What came after a place on a call's stream; of one that an earlier process took with it, that this is so. */
function missedOf({ store }: ServerState, session: Session, name: string, after: number): { number: number; json: string }[] {
  const lost = session.lostCalls.filter(([stream]) => stream === name)
  if (lost.length === 0) return store.after(session, name, after)
  return lost.map(([, id], index) => ({ number: after + index + 1, json: lostCallText(id) }))
}

function lastSeen(session: Session, { headers }: McpRequest): Seen | undefined {
  const id = headers['last-event-id']
  if (id === undefined || id === '') return undefined
  const [, name, kind, stream, after] = EVENT_ID.exec(String(id)) ?? []
  const { streamCount, lostStreams } = session
  // Numbers are times, so that a clock that was set back makes those of an earlier process greater than those of this one.
  const isAhead = Number(stream) > streamCount
  if (name === undefined || (isAhead && lostStreams === 0)) throw unknownEvent()
  // Of an earlier process nothing is kept: what is told to nobody in particular goes on, on a new stream.
  if (kind === 's' && (isAhead || Number(stream) <= lostStreams)) return undefined
  return { name, standing: kind === 's', after: Number(after) }
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
