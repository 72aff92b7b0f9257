import { Fault } from '../../contract/fault.ts'
import { RPC, RpcError, type RpcId, type RpcRequest } from '../rpc.ts'
import { Exchange } from './exchange.ts'
import { findSession } from './find-session.ts'
import type { McpRequest } from './mcp-request.ts'
import { type ClientMessage, parseBody, readMessage } from './message.ts'
import { ALWAYS_ALLOWED, METHODS, NOTICES } from './methods.ts'
import { openSession } from './open-session.ts'
import { takeAnswer } from './question.ts'
import { Refusal } from './refusal.ts'
import { requirePostHeaders } from './request-headers.ts'
import { errorText, resultText } from './response-text.ts'
import { REVISIONS } from './revision.ts'
import type { ServerState } from './server-state.ts'
import type { Session } from './session.ts'
import { isStateless } from './stateless/is-stateless.ts'
import { takeStateless } from './stateless/take-stateless.ts'
import { takeUpSession } from './take-up-session.ts'

/** Messages in one array of a 2025-03-26 client. */
const MAX_BATCH = 100

/** A POST: one message, or an array of them where the revision has arrays. @throws Refusal */
export async function takePost(state: ServerState, request: McpRequest): Promise<void> {
  requirePostHeaders(request.headers)
  const raw = parseBody(request.body)
  if (isStateless(request.headers, raw)) return takeStateless(state.stateless, request, raw)
  if (Array.isArray(raw)) return takeBatch(state, request, raw)
  const read = readMessage(raw)
  if (read.kind === 'malformed') throw new Refusal(400, RPC.invalidRequest, read.reason, { id: read.id })
  if (read.kind === 'request' && read.message.method === 'initialize') return openSession(state, request, read.message)
  const session = findSession(state, request) ?? (await takeUpSession(state, request))
  if (read.kind !== 'request') return accept(state, request, session, [read])
  await answer(state, request, session, openExchange(state, request, session, [read.message.id], false), read.message)
}

async function takeBatch(state: ServerState, request: McpRequest, raw: readonly unknown[]): Promise<void> {
  const session = findSession(state, request) ?? (await takeUpSession(state, request))
  if (!REVISIONS[session.revision].batches || raw.length === 0 || raw.length > MAX_BATCH)
    throw new Refusal(
      400,
      RPC.invalidRequest,
      `An array of 1 to ${MAX_BATCH} messages is taken in a 2025-03-26 session only. Send one message per POST.`,
    )
  const messages = raw.map(readMessage)
  const awaited = messages.flatMap(awaitedIn)
  if (awaited.length === 0) return accept(state, request, session, messages)
  const exchange = openExchange(state, request, session, awaited, true)
  await Promise.all(
    messages.map((read) => {
      if (read.kind === 'request') return answer(state, request, session, exchange, read.message)
      if (read.kind === 'malformed') return exchange.respond(read.id, errorText(read.id, RPC.invalidRequest, read.reason))
      return notice(state, session, read)
    }),
  )
}

/** The id under which a message is answered, if it is. */
function awaitedIn(read: ClientMessage): (RpcId | null)[] {
  if (read.kind === 'request') return [read.message.id]
  return read.kind === 'malformed' ? [read.id] : []
}

/** Answer one request of a session; whatever it throws becomes its answer. */
async function answer(
  state: ServerState,
  { caller, requestId }: McpRequest,
  session: Session,
  exchange: Exchange,
  message: RpcRequest,
): Promise<void> {
  try {
    const method = METHODS.get(message.method)
    if (!method) throw new RpcError(RPC.methodNotFound, `There is no method ${message.method.slice(0, 100)} here.`)
    if (!session.initialized && !ALWAYS_ALLOWED.has(message.method))
      throw new RpcError(
        RPC.invalidRequest,
        'The session waits for notifications/initialized. Send it before any request but ping.',
      )
    const result = method({ state, session, caller, exchange, requestId }, message)
    if (typeof result === 'string') exchange.respond(message.id, resultText(message.id, result))
    else await result
  } catch (thrown) {
    if (!(thrown instanceof RpcError)) state.log.error({ err: thrown, requestId, method: message.method }, 'mcp.bug')
    const error = thrown instanceof RpcError ? thrown : new RpcError(RPC.internalError, Fault.from(thrown).message)
    exchange.respond(message.id, errorText(message.id, error.code, error.message, error.data))
  }
}

function accept(
  state: ServerState,
  { res, answerHeaders }: McpRequest,
  session: Session,
  messages: readonly ClientMessage[],
): void {
  for (const read of messages) notice(state, session, read)
  res.writeHead(202, { ...answerHeaders, 'content-length': 0 }).end()
}

/** What needs no answer: a notification, or the client's answer to a question. */
function notice(state: ServerState, session: Session, read: ClientMessage): void {
  if (read.kind === 'notification') NOTICES.get(read.message.method)?.({ state, session }, read.message)
  else if (read.kind === 'response') takeAnswer(session, read.id, read.message)
}

function openExchange(
  state: ServerState,
  { res, answerHeaders }: McpRequest,
  session: Session,
  awaited: readonly (RpcId | null)[],
  batched: boolean,
): Exchange {
  return new Exchange({
    session,
    store: state.store,
    res,
    headers: answerHeaders,
    awaited,
    batched,
    bufferBytes: state.limits.streamBufferBytes,
    nowMs: state.nowMs,
    onDrop: () => {
      state.droppedNotifications += 1
    },
  })
}
