import { Fault } from '../../../contract/fault.ts'
import type { Seat } from '../../../core/churn/roster.ts'
import { RPC, RpcError, type RpcRequest } from '../../rpc.ts'
import type { McpRequest } from '../mcp-request.ts'
import { readMessage } from '../message.ts'
import { Refusal } from '../refusal.ts'
import { errorText, resultText } from '../response-text.ts'
import { readEnvelope } from './envelope.ts'
import { Reply } from './reply.ts'
import { STATELESS_METHODS } from './stateless-methods.ts'
import type { StatelessState } from './stateless-state.ts'

/** A POST of the stateless era: one request, or a notification, which means nothing here. @throws Refusal */
export async function takeStateless(state: StatelessState, request: McpRequest, raw: unknown): Promise<void> {
  const read = readMessage(raw)
  if (read.kind === 'notification') return accept(request)
  if (read.kind === 'malformed') throw new Refusal(400, RPC.invalidRequest, read.reason, { id: read.id })
  if (read.kind === 'response')
    throw new Refusal(
      400,
      RPC.invalidRequest,
      'Nothing was asked here. Answers go into inputResponses of the request that is retried.',
    )
  await answer(state, request, read.message)
}

async function answer(state: StatelessState, request: McpRequest, message: RpcRequest): Promise<void> {
  const { id } = message
  const envelope = readEnvelope(request.headers, message)
  const method = STATELESS_METHODS.get(message.method)
  if (!method) throw new Refusal(404, RPC.methodNotFound, `There is no method ${message.method.slice(0, 100)} here.`, { id })
  const reply = openReply(state, request, message)
  try {
    const client = state.clients.of(request.caller, envelope, state.nowMs())
    const result = method({ state, request, message, envelope, client, reply })
    if (typeof result === 'string') reply.respond(resultText(id, result))
    else await result
  } catch (thrown) {
    if (thrown instanceof Refusal) return reply.respond(refusalText(thrown, message, request), thrown.status)
    if (!(thrown instanceof RpcError))
      state.log.error({ err: thrown, requestId: request.requestId, method: message.method }, 'mcp.bug')
    const error = thrown instanceof RpcError ? thrown : new RpcError(RPC.internalError, Fault.from(thrown).message)
    reply.respond(errorText(id, error.code, error.message, error.data))
  }
}

const refusalText = ({ code, message, data }: Refusal, { id }: RpcRequest, { requestId }: McpRequest): string =>
  errorText(id, code, message, { ...data, requestId })

function openReply(state: StatelessState, { res, answerHeaders }: McpRequest, { id }: RpcRequest): Reply {
  let seat: Seat | undefined
  const reply = new Reply({
    id,
    res,
    headers: answerHeaders,
    bufferBytes: state.limits.streamBufferBytes,
    nowMs: state.nowMs,
    onDrop: () => {
      state.droppedNotifications += 1
    },
    onEnd: () => {
      if (seat) state.replies.end(seat)
    },
  })
  if (!reply.ended) seat = state.replies.add(reply)
  return reply
}

function accept({ res, answerHeaders }: McpRequest): void {
  res.writeHead(202, { ...answerHeaders, 'content-length': 0 }).end()
}
