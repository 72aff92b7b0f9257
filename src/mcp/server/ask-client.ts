import { Fault } from '../../contract/fault.ts'
import type { Call } from './call.ts'
import { type Question, withdraw } from './question.ts'
import { requireDeclared } from './require-declared.ts'
import { requestText } from './response-text.ts'
import type { Session } from './session.ts'

/** What became of a message: `waits` when the client has no connection open for it but may open one, `lost` when nobody will ever read it. */
export type Delivery = 'sent' | 'waits' | 'lost'

/** The way on which a client is asked. */
interface Channel {
  put(json: string): Delivery
}

interface Asking {
  readonly session: Session
  readonly call: Call | undefined
  readonly channel: Channel
  readonly method: string
  readonly params: unknown
  readonly signal: AbortSignal
  readonly maxQuestions: number
  readonly nowMs: number
  /** How long it may take to answer. */
  readonly answerMs: number
}

/** How long a question waits for a client to open the stream that it is on, in ms. */
const UNHEARD_MS = 15_000

/**
 * Ask a client something in a session. Resolves with its result as it came.
 *
 * @throws RpcError as the client answered, or because it never declared that it can; Fault `cancelled`, `timeout`, `busy`, `unavailable`
 */
export async function askClient(asking: Asking): Promise<unknown> {
  const { session, method, params, signal, maxQuestions } = asking
  requireDeclared(session.capabilities, method, params)
  if (signal.aborted) throw takenBack(signal)
  session.questions ??= new Map()
  if (session.questions.size >= maxQuestions)
    throw new Fault(
      'busy',
      `The client has ${maxQuestions} questions before it, which is the limit. Ask again when it has answered some.`,
    )
  session.questionCount += 1
  const id = session.questionCount
  const sent = asking.channel.put(requestText(id, method, params))
  if (sent === 'lost')
    throw new Fault('unavailable', 'The client was to be asked, but its connection is gone, or it does not read what it is sent.')
  const onAbort = (): void => withdraw(session, id, takenBack(signal))
  signal.addEventListener('abort', onAbort)
  try {
    return await new Promise((resolve, reject) => session.questions!.set(id, questionOf(asking, sent, resolve, reject)))
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

const questionOf = (
  { call, channel, nowMs, answerMs }: Asking,
  sent: 'sent' | 'waits',
  resolve: Question['resolve'],
  reject: Question['reject'],
): Question => ({
  call,
  deadlineAt: nowMs + (sent === 'waits' ? Math.min(UNHEARD_MS, answerMs) : answerMs),
  unheard: sent === 'waits',
  put: (json) => channel.put(json),
  resolve,
  reject,
})

const takenBack = ({ reason }: AbortSignal): Fault =>
  reason instanceof Fault
    ? reason
    : new Fault('cancelled', 'The question was taken back before the client had answered it.', { cause: reason })
