import { FAULTS, Fault } from '../../../contract/fault.ts'
import type { Entry } from '../../../contract/visit.ts'
import { META } from '../../meta-key.ts'
import { RpcError } from '../../rpc.ts'
import { extraParams } from '../extra-params.ts'
import { isLoudEnough } from '../log-level.ts'
import { isRecord } from '../message.ts'
import { type Target, targetOf } from '../target.ts'
import { AskingCall } from './asking-call.ts'
import { mismatch } from './envelope.ts'
import { failedOutcome, outcomeOf } from './outcome.ts'
import { paramHeaderFault } from './param-headers.ts'
import { takeState } from './relayed-state.ts'
import type { Bearer } from './state-codec.ts'
import type { StatelessTurn } from './stateless-turn.ts'
import { hasTasks, TASKS } from './tasks-extension.ts'
import { undeclared } from './undeclared.ts'

/** Fields of `_meta` that are said to this server; what goes on to another is said anew there. */
const OWN_META = [META.protocolVersion, META.clientCapabilities, META.clientInfo, META.logLevel]

/**
 * `tools/call` and all else that is behind the door: enter it, and answer when what is called has, or take up a call that waits for this client.
 *
 * @throws RpcError -32602, Refusal 400 with -32020 or -32021, before anything has begun
 */
export async function callTheDoor(turn: StatelessTurn): Promise<void> {
  const { state, request, message, envelope, reply } = turn
  const { params = {} } = message
  const bearer = { callerId: request.caller.id, source: request.source, method: message.method, params }
  if (message.method.startsWith('tasks/') && !hasTasks(envelope.capabilities)) throw undeclared(TASKS)
  const target = targetOf({ backend: state.backend, ...bearer, caller: request.caller })
  requireParamHeaders(turn, target)
  const brought = takeState(state, bearer)
  if (brought?.kind === 'parked' && mayStill(turn, target)) {
    const answers = isRecord(params['inputResponses']) ? params['inputResponses'] : {}
    brought.call.resume(brought.round, answers, reply, envelope.progressToken)
    return
  }
  const call = begin(turn, bearer)
  const relayed = brought?.kind === 'relayed' ? brought : undefined
  if (relayed) state.spent.set(relayed.nonce, true)
  try {
    const answer = await state.backend.enter(
      request.caller,
      target.name,
      target.args,
      entryOf(turn, call, target, relayed?.state),
    )
    call.finish(outcomeOf(turn, call, bearer, answer, relayed?.round ?? 0))
  } catch (thrown) {
    call.finish(failedOutcome(turn, call, target, Fault.from(thrown)))
  }
}

/**
 * Whether who comes back for a call may still make it: rights may have been taken since it began, or it is another credential of its caller
 * that reaches less far. Who may not is refused at the door, like anybody who begins.
 */
function mayStill({ state, request }: StatelessTurn, { name }: Target): boolean {
  const permit = state.backend.find(name)?.permit
  return permit === undefined || request.caller.grants.allows(permit)
}

/** @throws RpcError where the client has too many calls */
function begin({ state, envelope, client, reply }: StatelessTurn, bearer: Bearer): AskingCall {
  const { maxCallsPerSession } = state.limits
  if (client.uses >= maxCallsPerSession)
    throw new RpcError(
      FAULTS.busy.rpc,
      `${maxCallsPerSession} calls of this client wait for their answers, which is the limit. Call again when some have ended.`,
    )
  client.uses += 1
  const call = new AskingCall({
    bearer,
    capabilities: envelope.capabilities,
    parking: state.parking,
    codec: state.codec,
    form: state.form,
    answerMs: state.limits.answerMs,
    maxQuestions: state.limits.maxQuestionsPerSession,
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
    client: client.at(logLevel, request.source),
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
