import { Fault } from '../../src/contract/fault.ts'
import { TaskAskError, type TaskContext } from '../lane.ts'
import { isLarger, MAX_TEXT_BYTES } from '../wire/limits.ts'
import type { AttemptOrder, TalkBack, TaskTalk } from './attempt.ts'

const MAX_NAME_CHARS = 100

interface Asked {
  resolve(value: unknown): void
  reject(error: TaskAskError): void
}

/** A task's context inside its thread. What a task does not touch (signal, timer, port) costs nothing. */
export class ThreadContext implements TaskContext {
  readonly jobId: number
  readonly attempt: number
  readonly deadline: number
  readonly #port: AttemptOrder['port']
  #abort: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped: string | undefined
  #asked: Map<number, Asked> | undefined
  #lastAsk = 0

  constructor({ id, attempt, deadline, port }: AttemptOrder) {
    this.jobId = id
    this.attempt = attempt
    this.deadline = deadline
    this.#port = port
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#stopped !== undefined) this.#abort.abort(new Fault('cancelled', this.#stopped))
      else this.#timer = setTimeout(() => this.#abort?.abort(tooLong()), Math.max(0, this.deadline - Date.now()))
    }
    return this.#abort.signal
  }

  /** Whether it was stopped by its deadline rather than by somebody. */
  get isLate(): boolean {
    return this.#stopped === undefined && Date.now() >= this.deadline
  }

  ask(name: string, body: unknown): Promise<unknown> {
    const port = this.#port
    if (port === undefined) throw new TypeError('Only tasks of lanes that talk may ask.')
    if (name === '' || name.length > MAX_NAME_CHARS)
      throw new TypeError(`A question's name has 1 to ${MAX_NAME_CHARS} characters.`)
    const text = JSON.stringify(body) ?? 'null'
    if (isLarger(text, MAX_TEXT_BYTES)) {
      return Promise.reject(new TaskAskError('too_large', `A question of more than ${MAX_TEXT_BYTES} bytes cannot be asked.`))
    }
    const ask = ++this.#lastAsk
    const asked = this.#listen()
    const answer = new Promise((resolve, reject) => {
      asked.set(ask, { resolve, reject })
      port.postMessage({ ask, name, text } satisfies TaskTalk)
    })
    // A task that ends without waiting for its answer must not take the thread with it.
    answer.catch(() => {})
    return answer
  }

  chunk(chunk: unknown): void {
    if (this.#port === undefined) throw new TypeError('Only tasks of lanes that talk may report.')
    this.#port.postMessage({ chunk: JSON.stringify(chunk) ?? 'null' } satisfies TaskTalk)
  }

  /** Called off, or not the current attempt any more. */
  stop(reason: string): void {
    this.#stopped = reason
    this.#abort?.abort(new Fault('cancelled', reason))
  }

  /** The attempt is over: nothing of it may go on. */
  close(): void {
    clearTimeout(this.#timer)
    for (const { reject } of this.#asked?.values() ?? []) reject(new TaskAskError('cancelled', 'The attempt is over.'))
    this.#port?.close()
  }

  #listen(): Map<number, Asked> {
    if (this.#asked !== undefined) return this.#asked
    const asked = new Map<number, Asked>()
    this.#port?.on('message', ({ ask, code, text }: TalkBack) => {
      const one = asked.get(ask)
      asked.delete(ask)
      if (code === null) one?.resolve(JSON.parse(text))
      else one?.reject(new TaskAskError(code, text))
    })
    this.#asked = asked
    return asked
  }
}

const tooLong = (): Fault => new Fault('timeout', 'The attempt took longer than it may.')
