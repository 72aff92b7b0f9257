import { Fault } from '../../../contract/fault.ts'
import type { RpcId } from '../../rpc.ts'
import { lackingCapability } from '../lacking-capability.ts'
import { isRecord } from '../message.ts'
import { requireDeclared } from '../require-declared.ts'
import { notificationText, resultText } from '../response-text.ts'
import type { Parking } from './parking.ts'
import type { Reply } from './reply.ts'
import { type Bearer, type StateCodec, spentState } from './state-codec.ts'
import type { StatelessForm } from './stateless-form.ts'

type Params = Readonly<Record<string, unknown>>

/** How a call ends for its client. */
export interface Outcome {
  /** HTTP status, as long as nothing was sent before. */
  readonly status: number
  /** The JSON-RPC response to the request with this id. */
  text(id: RpcId): string
}

/** What one call stands on. */
export interface AskingCallOptions {
  readonly bearer: Bearer
  readonly capabilities: Params
  readonly parking: Parking
  readonly codec: StateCodec
  readonly form: StatelessForm
  /** How long the client may take to answer. */
  readonly answerMs: number
  /** Questions that it may have before it. */
  readonly maxQuestions: number
  readonly nowMs: () => number
  /** Told once, when the client has its outcome or wants none. */
  readonly onEnd: () => void
}

interface Question {
  readonly method: string
  readonly params: unknown
  resolve(answer: unknown): void
  reject(reason: unknown): void
}

/** How long a server's further questions are waited for, in ms, so that all that it asks at once is asked at once. */
const GATHER_MS = 20

/** How often one call may ask. */
export const MAX_ROUNDS = 10

/** Words in the keys of questions. */
const TOPIC: Readonly<Record<string, string>> = {
  'elicitation/create': 'elicitation',
  'sampling/createMessage': 'sampling',
  'roots/list': 'roots',
}

/**
 * A call at the door whose client is asked something by answering its request, and answers with another request (MCP 2026-07-28, multi
 * round-trip requests). Between the two nobody waits for it, and the call is parked.
 */
export class AskingCall {
  readonly controller = new AbortController()
  /** What the call was refused to ask, because its client has not declared it. */
  lacking: Params | undefined
  readonly #options: AskingCallOptions
  readonly #questions = new Map<string, Question>()
  #reply: Reply | undefined
  #progressToken: RpcId | undefined
  #place: string | undefined
  #round = 0
  #questionCount = 0
  #gathering: NodeJS.Timeout | undefined
  #outcome: Outcome | undefined
  #ended = false

  constructor(options: AskingCallOptions) {
    this.#options = options
  }

  get callerId(): string {
    return this.#options.bearer.callerId
  }

  /** A request waits for the call. */
  attach(reply: Reply, progressToken: RpcId | undefined): void {
    this.#reply = reply
    this.#progressToken = progressToken
    reply.onGone = () => this.cancel(new Fault('cancelled', 'The client closed the connection before the call had ended.'))
    if (reply.ended) reply.onGone()
  }

  /** The client's answers to round `round`. @throws RpcError -32602 for a round that is over */
  resume(round: number, answers: Params, reply: Reply, progressToken: RpcId | undefined): void {
    if (this.#ended || this.#reply || round !== this.#round) throw spentState()
    // A state is good once, whatever comes with it.
    this.#round += 1
    if (this.#place !== undefined) this.#options.parking.resume(this.#place)
    this.attach(reply, progressToken)
    if (this.#ended) return
    if (this.#outcome) this.#tell(this.#outcome)
    else this.#take(answers)
  }

  /** Hand each question its answer; those that have none are asked again. */
  #take(answers: Params): void {
    for (const [key, question] of [...this.#questions]) {
      const answer = Object.hasOwn(answers, key) ? answers[key] : undefined
      if (!isRecord(answer)) continue
      this.#questions.delete(key)
      question.resolve(answer)
    }
    if (this.#questions.size > 0) this.#put()
  }

  /** Ask the client in the name of the server. @throws RpcError -32601, -32602 for what it has not declared, Fault `busy`, `upstream`, `timeout`, `cancelled` */
  async ask(method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    const { capabilities } = this.#options
    const lacking = lackingCapability(capabilities, method, params)
    if (lacking && Object.keys(lacking).length > 0) this.lacking = lacking
    requireDeclared(capabilities, method, params)
    if (this.#ended || signal.aborted) throw new Fault('cancelled', 'The client no longer waits for this call.')
    this.#requireRoom()
    return new Promise((resolve, reject) => {
      this.#questionCount += 1
      const key = `${TOPIC[method]}-${this.#questionCount}`
      const withdraw = (): void => {
        this.#questions.delete(key)
        reject(signal.reason)
      }
      const settled = <T>(settle: (value: T) => void) => {
        return (value: T): void => {
          signal.removeEventListener('abort', withdraw)
          settle(value)
        }
      }
      signal.addEventListener('abort', withdraw, { once: true })
      this.#questions.set(key, { method, params, resolve: settled(resolve), reject: settled(reject) })
      this.#gather()
    })
  }

  #requireRoom(): void {
    const { maxQuestions } = this.#options
    if (this.#questions.size >= maxQuestions)
      throw new Fault(
        'busy',
        `The client has ${maxQuestions} questions before it, which is the limit. Ask again when it has answered some.`,
      )
  }

  /** A notification that belongs to the call; without a reader it is lost, as on a connection that was cut. */
  notify(method: string, params: unknown): void {
    this.#reply?.notify(notificationText(method, params))
  }

  progress(report: object): void {
    if (this.#progressToken !== undefined)
      this.notify('notifications/progress', { ...report, progressToken: this.#progressToken })
  }

  /** What was called has ended. Told at once, or when the client comes for it. */
  finish(outcome: Outcome): void {
    if (this.#ended) return
    if (this.#questions.size > 0) this.#refuseQuestions(new Fault('cancelled', 'The call has ended.'))
    if (this.#reply) this.#tell(outcome)
    else this.#outcome = outcome
  }

  /** Take the call back; what waits for it is told nothing any more. */
  cancel(reason: Fault): void {
    if (this.#ended) return
    this.#end()
    this.#refuseQuestions(reason)
    this.controller.abort(reason)
  }

  #gather(): void {
    clearTimeout(this.#gathering)
    this.#gathering = setTimeout(() => this.#put(), GATHER_MS)
  }

  /** Answer the request that waits with all open questions; one that has none leaves the questions for its next. */
  #put(): void {
    clearTimeout(this.#gathering)
    const reply = this.#reply
    if (!reply || this.#ended || this.#questions.size === 0) return
    try {
      const requestState = this.#park()
      const inputRequests = Object.fromEntries([...this.#questions].map(([key, { method, params }]) => [key, { method, params }]))
      const result = this.#options.form.dress(
        { resultType: 'input_required', inputRequests, requestState },
        this.#options.bearer.method,
      )
      this.#reply = undefined
      reply.onGone = undefined
      reply.respond(resultText(reply.id, JSON.stringify(result)))
    } catch (thrown) {
      this.#refuseQuestions(thrown)
    }
  }

  /** @returns the state by which the client finds back */
  #park(): string {
    const { parking, codec, bearer, nowMs, answerMs } = this.#options
    if (this.#round >= MAX_ROUNDS) throw new Fault('upstream', `It asked more than ${MAX_ROUNDS} times.`)
    this.#place = parking.park(this, this.#place, nowMs())
    const expiresAt = nowMs() + answerMs
    return codec.seal({ kind: 'parked', call: this.#place, round: this.#round, expiresAt }, bearer)
  }

  #tell({ status, text }: Outcome): void {
    const reply = this.#reply
    this.#end()
    if (reply) reply.respond(text(reply.id), status)
  }

  #refuseQuestions(reason: unknown): void {
    const open = [...this.#questions.values()]
    this.#questions.clear()
    for (const { reject } of open) reject(reason)
  }

  #end(): void {
    this.#ended = true
    clearTimeout(this.#gathering)
    if (this.#reply) this.#reply.onGone = undefined
    if (this.#place !== undefined) this.#options.parking.leave(this.#place)
    this.#options.onEnd()
  }
}
