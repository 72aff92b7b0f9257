import { randomUUID } from 'node:crypto'
import { Fault } from '../../contract/fault.ts'
import type { Ask, Client, Visit } from '../../contract/visit.ts'
import { scrubValue } from '../../core/scrub-value.ts'
import { requireDeclared } from '../../mcp/server/require-declared.ts'
import type { Params } from './question.ts'

type Status = 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled'

interface Question {
  readonly request: Params
  resolve(answer: unknown): void
  reject(why: unknown): void
}

/** Questions of one errand that may wait for answers. */
const MAX_QUESTIONS = 64
/** How often it is worth asking for news, in ms. */
const POLL_MS = 1_000

/**
 * A call that goes on when its request has been answered: a task of the gateway's own, in the words of the stateless era (SEP-2663).
 *
 * What its server asks meanwhile waits until the client comes for news.
 */
export class Errand {
  readonly id = randomUUID()
  readonly callerId: string
  readonly source: string
  readonly permit: string | undefined
  readonly controller = new AbortController()
  readonly expiresAt: number
  readonly #client: Client
  readonly #nowMs: () => number
  readonly #createdAt: number
  readonly #ttlMs: number
  readonly #questions = new Map<string, Question>()
  #questionCount = 0
  #updatedAt: number
  #status: Status = 'working'
  #outcome: Params = {}

  /** @param ttlMs how long it may go on, and its result be fetched */
  constructor({ caller, tool, client }: Visit, ttlMs: number, nowMs: () => number) {
    this.callerId = caller.id
    this.source = tool.source
    this.permit = tool.permit
    this.#client = client!
    this.#nowMs = nowMs
    this.#createdAt = nowMs()
    this.#updatedAt = this.#createdAt
    this.#ttlMs = ttlMs
    this.expiresAt = this.#createdAt + ttlMs
  }

  get hasEnded(): boolean {
    return this.#status !== 'working' && this.#status !== 'input_required'
  }

  /** What is told of it: with what it asks, or how it ended. */
  get told(): Params {
    const asked = [...this.#questions].map(([key, { request }]) => [key, request] as const)
    return {
      taskId: this.id,
      status: this.#status,
      createdAt: new Date(this.#createdAt).toISOString(),
      lastUpdatedAt: new Date(this.#updatedAt).toISOString(),
      ttlMs: this.#ttlMs,
      pollIntervalMs: POLL_MS,
      ...this.#outcome,
      ...(asked.length > 0 && { inputRequests: Object.fromEntries(asked) }),
    }
  }

  /** Ask the client when it comes next. @throws RpcError for what it has not declared, Fault `busy`, `cancelled` */
  readonly ask: Ask = async (method, params, signal) => {
    requireDeclared(this.#client.capabilities, method, params)
    if (this.hasEnded || signal.aborted) throw new Fault('cancelled', 'Nobody waits for this any more.')
    if (this.#questions.size >= MAX_QUESTIONS)
      throw new Fault('busy', `The client has ${MAX_QUESTIONS} questions before it, which is the limit.`)
    this.#questionCount += 1
    const key = `${method.split('/', 1)[0]}-${this.#questionCount}`
    try {
      return await new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
        this.#questions.set(key, { request: { method, params }, resolve, reject })
        this.#turn('input_required')
      })
    } finally {
      this.#questions.delete(key)
      if (this.#questions.size === 0 && !this.hasEnded) this.#turn('working')
    }
  }

  /** The client's answers, by the keys of the questions; what answers nothing is ignored, what is missing is asked on. */
  answer(responses: unknown): void {
    for (const [key, answer] of Object.entries(responses ?? {}))
      if (typeof answer === 'object' && answer !== null) this.#questions.get(key)?.resolve(answer)
  }

  /** @param outcome `result` or `error`; neither of one that was taken back */
  end(status: 'completed' | 'failed' | 'cancelled', outcome: Params = {}): void {
    if (this.hasEnded) return
    this.#outcome = outcome
    const open = [...this.#questions.values()]
    this.#questions.clear()
    this.#turn(status)
    for (const { reject } of open) reject(new Fault('cancelled', 'Nobody waits for this any more.'))
  }

  /** Whoever listens hears of it at once, and not by the door. */
  #turn(status: Status): void {
    this.#status = status
    this.#updatedAt = this.#nowMs()
    this.#client.standing?.notify('notifications/tasks', scrubValue(this.told))
  }
}
