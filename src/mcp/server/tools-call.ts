import { Fault } from '../../contract/fault.ts'
import { RPC, RpcError, type RpcRequest } from '../rpc.ts'
import type { Call } from './call.ts'
import { callEntry } from './call-entry.ts'
import { faultFacts, faultResult, faultRpcCode } from './fault-result.ts'
import type { Turn } from './method.ts'
import { answerText, errorText, resultText } from './response-text.ts'
import { enteredName, findTool } from './tool-names.ts'

/** `tools/call`: enter the door and answer when the tool has. @throws RpcError -32602, -32600 before anything has begun */
export async function toolsCall(turn: Turn, request: RpcRequest): Promise<void> {
  const { name, args, params } = readParams(request)
  const call = begin(turn, request)
  let response: string
  try {
    const entered = enteredName(turn.backend, name, turn.session.source)
    const answer = await turn.backend.enter(turn.caller, entered, args, callEntry(call, params, turn.requestId))
    response = resultText(request.id, answerText(answer))
  } catch (thrown) {
    response = failure(turn, request, name, Fault.from(thrown))
  }
  finish(turn, call, response)
}

function begin({ session, exchange, calls }: Turn, { id }: RpcRequest): Call {
  session.calls ??= new Map()
  if (session.calls.has(id))
    throw new RpcError(
      RPC.invalidRequest,
      `The request id ${JSON.stringify(id)} is in use by a call that has not ended. Use each id once.`,
    )
  const call: Call = { id, session, exchange, controller: new AbortController(), settled: false }
  session.calls.set(id, call)
  calls.add(call)
  return call
}

function finish({ session, calls }: Turn, call: Call, response: string): void {
  session.calls?.delete(call.id)
  calls.delete(call)
  if (call.settled) return
  call.settled = true
  call.exchange.respond(response)
}

function readParams({ params = {} }: RpcRequest): { name: string; args: unknown; params: Readonly<Record<string, unknown>> } {
  const { name, arguments: args } = params
  if (typeof name !== 'string' || name === '')
    throw new RpcError(RPC.invalidParams, 'The field name must say which tool is called.')
  return { name, args: args ?? {}, params }
}

/**
 * Only a tool that does not exist is a protocol error; whatever else went wrong is a result that the model can act on. What an upstream
 * answered as a protocol error is passed on as it came: clients act on its code and data (e.g. -32042, sign in at this address first).
 */
function failure({ backend, session, requestId }: Turn, { id }: RpcRequest, name: string, fault: Fault): string {
  if (fault.code === 'not_found' && !findTool(backend, name, session.source))
    return errorText(id, faultRpcCode(fault), fault.message, faultFacts(fault, requestId))
  const { cause } = fault
  if (cause instanceof RpcError) return errorText(id, cause.code, cause.message, cause.data)
  return resultText(id, faultResult(fault, requestId))
}
