import { Fault } from '../../../contract/fault.ts'
import type { Answer, Entry } from '../../../contract/visit.ts'
import { RPC, RpcError, type RpcId } from '../../rpc.ts'
import { extraParams } from '../extra-params.ts'
import { type Failure, failureOf } from '../failure.ts'
import { isLoudEnough } from '../log-level.ts'
import { isRecord } from '../message.ts'
import { errorText, resultText } from '../response-text.ts'
import { answerText } from '../result-form.ts'
import { type Target, targetOf } from '../target.ts'
import { AskingCall, type Outcome } from './asking-call.ts'
import { mismatch } from './envelope.ts'
import { lackingCapability } from './lacking-capability.ts'
import { META } from './meta-key.ts'
import { paramHeaderFault } from './param-headers.ts'
import { relayQuestions, takeState } from './relayed-state.ts'
import type { Bearer } from './state-codec.ts'
import type { StatelessTurn } from './stateless-turn.ts'

type Params = Readonly<Record<string, unknown>>

/** Fields of `_meta` that are said to this server; what goes on to another is said anew there. */
const OWN_META = [META.protocolVersion, META.clientCapabilities, META.clientInfo, META.logLevel]

/** What must be there before anything can be asked of a client. */
const NO_ANSWERS: Params = {}

/**
 * `tools/call` and all else that is behind the door: enter it, and answer when what is called has, or take up a call that waits for this client.
 *
 * @throws RpcError -32602, Refusal 400 with -32020, before anything has begun
 */
export async function callTheDoor(turn: StatelessTurn): Promise<void> {
  const { state, request, message, envelope, reply } = turn
  const { params = {} } = message
  const bearer = { callerId: request.caller.id, source: request.source, method: message.method, params }
  const brought = takeState(state, bearer)
  if (brought?.kind === 'parked') {
    const answers = isRecord(params['inputResponses']) ? params['inputResponses'] : NO_ANSWERS
    return brought.call.resume(brought.round, answers, reply, envelope.progressToken)
  }
  const target = targetOf({ backend: state.backend, ...bearer, caller: request.caller })
  requireParamHeaders(turn, target)
  const call = begin(turn, bearer)
  try {
    const answer = await state.backend.enter(
      request.caller,
      target.name,
      target.args,
      entryOf(turn, call, target, brought?.state),
    )
    call.finish(outcomeOf(turn, call, bearer, answer, brought?.round ?? 0))
  } catch (thrown) {
    call.finish(failed(turn, call, target, Fault.from(thrown)))
  }
}

function begin({ state, envelope, client, reply }: StatelessTurn, bearer: Bearer): AskingCall {
  client.uses += 1
  const call = new AskingCall({
    bearer,
    capabilities: envelope.capabilities,
    parking: state.parking,
    codec: state.codec,
    form: state.form,
    answerMs: state.limits.answerMs,
    nowMs: state.nowMs,
    onEnd: () => {
      client.uses -= 1
      client.lastSeenAt = state.nowMs()
    },
  })
  call.attach(reply, envelope.progressToken)
  return call
}

function entryOf(
  { request, message, envelope, client }: StatelessTurn,
  call: AskingCall,
  target: Target,
  relayed?: string,
): Entry {
  const { params = {} } = message
  const extra = extraParams(params, [...target.used, 'requestState'], OWN_META)
  const { logLevel } = envelope
  return {
    transport: 'mcp',
    requestId: request.requestId,
    sessionKey: client.sessionKey,
    signal: call.controller.signal,
    client: client.at(logLevel),
    ask: (method, asked, signal) => call.ask(method, asked, signal),
    notify: (method, body) => {
      const level = isRecord(body) ? body['level'] : undefined
      if (method === 'notifications/message' && (logLevel === undefined || !isLoudEnough(level, logLevel))) return
      call.notify(method, body)
    },
    ...(envelope.progressToken !== undefined && { progress: (report) => call.progress(report) }),
    ...(relayed !== undefined ? { extra: { ...extra, requestState: relayed } } : extra && { extra }),
    ...(target.malformed && { malformed: target.malformed }),
  }
}

/** Whoever may not call the tool learns nothing of its schema. @throws Refusal 400 with -32020 */
function requireParamHeaders({ state, request, message }: StatelessTurn, { name, args }: Target): void {
  if (message.method !== 'tools/call') return
  const tool = state.backend.findTool(name)
  if (!tool || !request.caller.grants.allows(tool.permit)) return
  const fault = paramHeaderFault(request.headers, tool.definition.inputSchema, args)
  if (fault) throw mismatch(message.id, fault)
}

function outcomeOf(
  { state, message, envelope }: StatelessTurn,
  call: AskingCall,
  bearer: Bearer,
  answer: Answer,
  round: number,
): Outcome {
  const { method } = message
  if (answer.kind === 'relay' && call.lacking && answer.result.isError === true) return missingCapability(call.lacking)
  const told = relayQuestions(state, bearer, envelope.capabilities, answer, round)
  if (told.kind === 'lacking') return missingCapability(told.capabilities)
  const json = answerText(told.answer, method, state.form)
  return { status: 200, text: (id) => resultText(id, json) }
}

function failed({ state, request, message, envelope }: StatelessTurn, call: AskingCall, target: Target, fault: Fault): Outcome {
  const { method, params = {} } = message
  const lacking = call.lacking ?? lackingOfNextHop(envelope.capabilities, fault)
  if (lacking) return missingCapability(lacking)
  const exists = state.backend.find(target.name) !== undefined
  const failure = failureOf(fault, { method, params, requestId: request.requestId, exists, noResource: RPC.invalidParams })
  return { status: 200, text: failureText(failure, method, state.form.dress) }
}

function failureText(failure: Failure, method: string, dress: StatelessTurn['state']['form']['dress']): (id: RpcId) => string {
  if (failure.kind === 'error') return (id) => errorText(id, failure.error.code, failure.error.message, failure.error.data)
  const json = JSON.stringify(dress(failure.result, method))
  return (id) => resultText(id, json)
}

/**
 * What the server behind us missed in the capabilities that it was told of, as far as this client has not declared it either. What only the
 * gateway kept back is no fault of the client's.
 */
function lackingOfNextHop(capabilities: Params, { cause, data }: Fault): Params | undefined {
  const isLack = cause instanceof RpcError && cause.code === RPC.missingCapability
  const required = (isLack && isRecord(cause.data) ? cause.data : data)?.['requiredCapabilities']
  if (!isRecord(required)) return undefined
  const lacking = Object.entries(required).filter(([key, wanted]) => !declares(capabilities[key], wanted))
  return lacking.length > 0 ? Object.fromEntries(lacking) : undefined
}

/** Whether an object has all members that another has, at any depth. */
const declares = (declared: unknown, wanted: unknown): boolean =>
  isRecord(declared) && (!isRecord(wanted) || Object.entries(wanted).every(([key, part]) => declares(declared[key], part)))

function missingCapability(requiredCapabilities: Params): Outcome {
  const names = Object.keys(requiredCapabilities).join(', ')
  const message = `This needs a client that declares: ${names}. Declare it in ${META.clientCapabilities} if the client can do it.`
  return { status: 400, text: (id) => errorText(id, RPC.missingCapability, message, { requiredCapabilities }) }
}
