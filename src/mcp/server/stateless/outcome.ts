import type { Fault } from '../../../contract/fault.ts'
import type { Answer } from '../../../contract/visit.ts'
import { RPC, RpcError, type RpcId } from '../../rpc.ts'
import { type Failure, failureOf } from '../failure.ts'
import { isRecord } from '../message.ts'
import { errorText, resultText } from '../response-text.ts'
import { answerText } from '../result-form.ts'
import type { Target } from '../target.ts'
import type { AskingCall, Outcome } from './asking-call.ts'
import { META } from './meta-key.ts'
import { relayQuestions } from './relayed-state.ts'
import type { Bearer } from './state-codec.ts'
import type { StatelessTurn } from './stateless-turn.ts'

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
