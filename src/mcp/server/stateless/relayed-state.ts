import { randomBytes } from 'node:crypto'
import { Fault } from '../../../contract/fault.ts'
import type { Answer } from '../../../contract/visit.ts'
import { RPC, RpcError } from '../../rpc.ts'
import { lackingCapability } from '../lacking-capability.ts'
import { isRecord } from '../message.ts'
import { type AskingCall, MAX_ROUNDS } from './asking-call.ts'
import { type Bearer, spentState } from './state-codec.ts'
import type { StatelessState } from './stateless-state.ts'

type Params = Readonly<Record<string, unknown>>

/** What a client brought back with its request. */
type Brought =
  | { readonly kind: 'parked'; readonly call: AskingCall; readonly round: number }
  | { readonly kind: 'relayed'; readonly state: string; readonly round: number; readonly nonce: string }

/** What becomes of an answer on its way to the client. */
type Told =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** It asks for what the client has not declared. */
  | { readonly kind: 'lacking'; readonly capabilities: Params }

/** Requests that may be answered with questions. */
const MAY_ASK: ReadonlySet<string> = new Set(['tools/call', 'prompts/get', 'resources/read'])

/** Read `requestState` and look at `inputResponses`. @throws RpcError -32602 for what is not ours, was used before or waits no longer */
export function takeState({ codec, parking, spent }: StatelessState, bearer: Bearer): Brought | undefined {
  const { requestState, inputResponses } = bearer.params
  if (inputResponses !== undefined && !isRecord(inputResponses))
    throw new RpcError(RPC.invalidParams, 'The field inputResponses must be an object with one answer for each question.')
  if (requestState === undefined) return undefined
  const state = codec.open(requestState, bearer)
  if (state.kind === 'parked') {
    const call = parking.find(state.call)
    if (!call) throw spentState()
    return { kind: 'parked', call, round: state.round }
  }
  if (spent.has(state.nonce)) throw spentState()
  return state
}

/**
 * An answer that asks something goes on as the server gave it, its state sealed, unless it asks for what the client has not declared.
 *
 * @param round how many times the client has answered before
 */
export function relayQuestions(state: StatelessState, bearer: Bearer, capabilities: Params, answer: Answer, round: number): Told {
  if (answer.kind !== 'relay' || answer.result['resultType'] !== 'input_required') return { kind: 'answer', answer }
  const { inputRequests, requestState } = answer.result
  if (!MAY_ASK.has(bearer.method))
    throw new Fault('upstream', `It asked something in answer to ${bearer.method}, where MCP has no questions.`)
  const lacking = firstLacking(capabilities, inputRequests)
  if (lacking && Object.keys(lacking).length === 0) throw new Fault('upstream', 'It asked something that MCP does not know.')
  if (lacking) return { kind: 'lacking', capabilities: lacking }
  if (typeof requestState !== 'string') return { kind: 'answer', answer }
  if (round >= MAX_ROUNDS) throw new Fault('upstream', `It asked more than ${MAX_ROUNDS} times.`)
  const sealed = state.codec.seal(
    {
      kind: 'relayed',
      nonce: randomBytes(12).toString('base64url'),
      round: round + 1,
      state: requestState,
      expiresAt: state.nowMs() + state.limits.answerMs,
    },
    bearer,
  )
  return { kind: 'answer', answer: { kind: 'relay', result: { ...answer.result, requestState: sealed } } }
}

function firstLacking(capabilities: Params, inputRequests: unknown): Params | undefined {
  if (!isRecord(inputRequests)) return undefined
  for (const one of Object.values(inputRequests)) {
    const method = isRecord(one) ? one['method'] : undefined
    const lacking = lackingCapability(
      capabilities,
      typeof method === 'string' ? method : '',
      isRecord(one) ? one['params'] : undefined,
    )
    if (lacking) return lacking
  }
  return undefined
}
