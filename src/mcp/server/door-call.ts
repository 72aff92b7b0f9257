import { FAULTS, Fault } from '../../contract/fault.ts'
import { Roster } from '../../core/churn/roster.ts'
import { RPC, RpcError, type RpcRequest } from '../rpc.ts'
import type { Call } from './call.ts'
import { callEntry } from './call-entry.ts'
import { failureOf } from './failure.ts'
import type { Turn } from './method.ts'
import { withdrawAll } from './question.ts'
import { errorText, resultText } from './response-text.ts'
import { answerText, SESSION_FORM } from './result-form.ts'
import { type Target, targetOf } from './target.ts'
import { afterWatching, requireRoomToWatch } from './watched.ts'

/** `tools/call` and all else that is behind the door: enter it, and answer when what is called has. @throws RpcError -32602, -32600 before anything has begun */
export async function doorCall(turn: Turn, request: RpcRequest): Promise<void> {
  const { state, caller, session } = turn
  const { method, params = {} } = request
  const target = targetOf({ backend: state.backend, caller, source: session.source, method, params })
  requireRoomToWatch(session, request, state.limits.maxSubscriptionsPerSession)
  const call = begin(turn, request)
  let response: string
  try {
    const answer = await state.backend.enter(caller, target.name, target.args, callEntry(turn, call, params, target))
    afterWatching(state, session, request)
    response = resultText(request.id, answerText(answer, method, SESSION_FORM))
  } catch (thrown) {
    response = failureText(turn, request, target, Fault.from(thrown))
  }
  finish(turn, call, response)
}

function begin({ state, session, exchange }: Turn, { id }: RpcRequest): Call {
  session.calls ??= new Roster()
  if (session.calls.find((call) => call.id === id))
    throw new RpcError(
      RPC.invalidRequest,
      `The request id ${JSON.stringify(id)} is in use by a call that has not ended. Use each id once.`,
    )
  const { maxCallsPerSession } = state.limits
  if (session.calls.size >= maxCallsPerSession)
    throw new RpcError(
      FAULTS.busy.rpc,
      `${maxCallsPerSession} calls of this session wait for their answers, which is the limit. Call again when some have ended.`,
    )
  const call: Call = { id, session, exchange, controller: new AbortController(), settled: false, seats: undefined }
  call.seats = { ofSession: session.calls.add(call), ofAll: state.calls.add(call) }
  return call
}

function finish({ state, session }: Turn, call: Call, response: string): void {
  if (call.seats) {
    call.seats.ofSession.leave()
    state.calls.end(call.seats.ofAll)
    call.seats = undefined
  }
  if (call.settled) return
  if (session.questions?.size) withdrawAll(session, new Fault('cancelled', 'The call that it belonged to has ended.'), call)
  call.settled = true
  call.exchange.respond(call.id, response)
}

function failureText(
  { state, requestId }: Turn,
  { id, method, params = {} }: RpcRequest,
  { name }: Target,
  fault: Fault,
): string {
  const exists = state.backend.find(name) !== undefined
  const failure = failureOf(fault, { method, params, requestId, exists, noResource: RPC.resourceNotFound })
  if (failure.kind === 'result') return resultText(id, JSON.stringify(failure.result))
  return errorText(id, failure.error.code, failure.error.message, failure.error.data)
}
