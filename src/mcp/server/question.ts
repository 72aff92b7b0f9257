import { Fault } from '../../contract/fault.ts'
import { RPC, RpcError, type RpcId } from '../rpc.ts'
import type { Call } from './call.ts'
import { isRecord } from './message.ts'
import { notificationText } from './response-text.ts'
import type { Session } from './session.ts'

/** Something that a client was asked and has not answered. */
export interface Question {
  /** The call that it belongs to; `undefined` for what came on the standing stream. */
  readonly call: Call | undefined
  /** When it is given up, ms since the epoch. */
  deadlineAt: number
  /** It waits for the client to open the stream that it is on. */
  unheard: boolean
  /** Say something more about it on the way that it went. */
  readonly put: (json: string) => unknown
  readonly resolve: (result: unknown) => void
  readonly reject: (why: Fault | RpcError) => void
}

/** A client's answer. One that answers nothing, or comes too late, is dropped. */
export function takeAnswer(session: Session, id: RpcId, answer: Readonly<Record<string, unknown>>): void {
  const question = session.questions?.get(id)
  if (!question) return
  session.questions!.delete(id)
  if ('error' in answer) question.reject(errorOf(answer['error']))
  else if (isRecord(answer['result'])) question.resolve(answer['result'])
  else question.reject(new RpcError(RPC.internalError, 'The client answered with what is no result.'))
}

/** Take a question back: whoever asked is told why, and the client that it need not answer any more. */
export function withdraw(session: Session, id: RpcId, why: Fault): void {
  const question = session.questions?.get(id)
  if (!question) return
  session.questions!.delete(id)
  question.put(notificationText('notifications/cancelled', { requestId: id, reason: why.message }))
  question.reject(why)
}

/** Take back what was asked as part of a call, or everything. */
export function withdrawAll(session: Session, why: Fault, call?: Call): void {
  for (const [id, question] of session.questions ?? []) {
    if (call === undefined || question.call === call) withdraw(session, id, why)
  }
}

/** Give up what was not answered in time. */
export function expireQuestions(session: Session, nowMs: number): void {
  for (const [id, { deadlineAt, unheard }] of session.questions ?? []) {
    if (deadlineAt <= nowMs) withdraw(session, id, unheard ? nobodyListens() : tooLate())
  }
}

/** The client listens again, and has from now on the usual time for what waited for it. @param stream of a call; `undefined` for the standing one */
export function heardAgain(session: Session, stream: string | undefined, deadlineAt: number): void {
  for (const question of session.questions?.values() ?? []) {
    if (!question.unheard || question.call?.exchange.streamName !== stream) continue
    question.unheard = false
    question.deadlineAt = deadlineAt
  }
}

const nobodyListens = (): Fault =>
  new Fault('unavailable', 'The client was to be asked, but reads no stream on which it could be. Open one with GET.')

const tooLate = (): Fault => new Fault('timeout', 'The client was asked and did not answer in time.')

function errorOf(error: unknown): RpcError {
  const { code, message, data } = isRecord(error) ? error : {}
  if (typeof code !== 'number' || typeof message !== 'string')
    return new RpcError(RPC.internalError, 'The client answered with what is no error.')
  return new RpcError(code, message, { data })
}
