import { RPC, RpcError, type RpcId, type RpcMessage } from '../rpc.ts'
import type { OnRequest } from './request-options.ts'

/** What the server asks of us and waits for. */
export interface Asked {
  /**
   * Answer it in time.
   *
   * @param origin our request on whose stream it came
   * @param answer default: all but `ping` is refused as unknown
   */
  take(id: RpcId, method: string, params: unknown, origin: RpcId | undefined, answer: OnRequest | undefined): void
  /** The server takes one back: it hears no more of it. */
  cancel(id: unknown): void
  /** Our request is over, and so is what was asked on its stream. */
  endOf(origin: RpcId): void
  endAll(): void
  /** Whether one waits that belongs to this request of ours, or to none that is known. */
  waitsFor(origin: RpcId): boolean
  /** How many wait for an answer of ours. */
  readonly count: number
}

interface AskedParts {
  readonly send: (message: RpcMessage) => void
  /** One has its answer. */
  readonly answered: (origin: RpcId | undefined) => void
}

interface Question {
  readonly id: RpcId
  readonly origin: RpcId | undefined
  readonly stop: AbortController
  takenBack: boolean
}

/** Only a flood asks more at the same time. */
const MAX_ASKED = 100

/** The server's requests under way; never more than a hundred. */
export function createAsked({ send, answered }: AskedParts): Asked {
  const questions = new Map<RpcId, Question>()

  const refuse = (id: RpcId, { code, message, data }: RpcError): void =>
    send({ jsonrpc: '2.0', id, error: data === undefined ? { code, message } : { code, message, data } })
  const answerTo = async (question: Question, method: string, params: unknown, answer: OnRequest): Promise<void> => {
    const { id, stop } = question
    try {
      const result = await answer(method, params, stop.signal)
      if (!question.takenBack) send({ jsonrpc: '2.0', id, result })
    } catch (thrown) {
      const error = thrown instanceof RpcError ? thrown : new RpcError(RPC.internalError, 'The client failed to answer.')
      if (!question.takenBack) refuse(id, error)
    } finally {
      questions.delete(id)
      answered(question.origin)
    }
  }
  const stopAll = (matches: (question: Question) => boolean): void => {
    for (const question of questions.values()) if (matches(question)) question.stop.abort()
  }
  return {
    take(id, method, params, origin, answer) {
      if (method === 'ping') return send({ jsonrpc: '2.0', id, result: {} })
      if (answer === undefined) {
        return refuse(id, new RpcError(RPC.methodNotFound, `This client does not answer ${method.slice(0, 80)}.`))
      }
      if (questions.has(id)) return refuse(id, new RpcError(RPC.invalidRequest, 'This id is in use by a request that waits.'))
      if (questions.size >= MAX_ASKED) return refuse(id, new RpcError(RPC.internalError, 'Too many requests wait for an answer.'))
      const question: Question = { id, origin, stop: new AbortController(), takenBack: false }
      questions.set(id, question)
      // Cannot reject: it catches everything, and sending never throws.
      void answerTo(question, method, params, answer)
    },
    cancel(id) {
      const question = questions.get(id as RpcId)
      if (question === undefined) return
      question.takenBack = true
      question.stop.abort()
    },
    endOf(origin) {
      if (questions.size > 0) stopAll((question) => question.origin === origin)
    },
    endAll: () => stopAll(() => true),
    waitsFor(origin) {
      for (const question of questions.values()) if (question.origin === undefined || question.origin === origin) return true
      return false
    },
    get count() {
      return questions.size
    },
  }
}
