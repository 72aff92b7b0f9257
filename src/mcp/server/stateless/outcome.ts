import type { Fault } from '../../../contract/fault.ts'
import type { Answer } from '../../../contract/visit.ts'
import { RPC, RpcError, type RpcId } from '../../rpc.ts'
import { type Failure, failureOf } from '../failure.ts'
import { errorText, resultText } from '../response-text.ts'
import { answerText } from '../result-form.ts'
import type { Target } from '../target.ts'
import type { AskingCall, Outcome } from './asking-call.ts'
import { lackingAtNextHop } from './lacking-at-next-hop.ts'
import { relayQuestions } from './relayed-state.ts'
import type { Bearer } from './state-codec.ts'
import type { StatelessTurn } from './stateless-turn.ts'
import { hasTasks, TASKS } from './tasks-extension.ts'
import { undeclared } from './undeclared.ts'

type Params = Readonly<Record<string, unknown>>

/** An answer, and what has to be said instead of it where it asks for more than the client declared. */
export function outcomeOf(
  { state, message, envelope }: StatelessTurn,
  call: AskingCall,
  bearer: Bearer,
  answer: Answer,
  round: number,
): Outcome {
  const { method } = message
  if (answer.kind === 'relay' && answer.result['resultType'] === 'task' && !hasTasks(envelope.capabilities))
    return missingCapability(TASKS)
  if (answer.kind === 'relay' && call.lacking && answer.result.isError === true) return missingCapability(call.lacking)
  const told = relayQuestions(state, bearer, envelope.capabilities, answer, round)
  if (told.kind === 'lacking') return missingCapability(told.capabilities)
  const json = answerText(told.answer, method, state.form)
  return { status: 200, text: (id) => resultText(id, json) }
}

/** What a call that failed is told as: a result, a protocol error, or -32021 where it failed for what the client has not declared. */
export function failedOutcome(
  { state, request, message, envelope }: StatelessTurn,
  call: AskingCall,
  target: Target,
  fault: Fault,
): Outcome {
  const { method, params = {} } = message
  const lacking = lackingAtNextHop(envelope.capabilities, fault) ?? (isTheServers(fault) ? call.lacking : undefined)
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

/** Whether the server itself failed, rather than somebody on the way to it. */
const isTheServers = ({ code, cause }: Fault): boolean => code === 'upstream' || cause instanceof RpcError

function missingCapability(requiredCapabilities: Params): Outcome {
  const { status, code, message, data } = undeclared(requiredCapabilities)
  return { status, text: (id) => errorText(id, code, message, data) }
}
