import { setImmediate } from 'node:timers/promises'
import type { MessagePort } from 'node:worker_threads'
import { Fault } from '../../src/contract/fault.ts'
import { TaskAskError, type TaskContext } from '../lane.ts'
import { isLarger, MAX_TEXT_BYTES } from '../wire/limits.ts'
import { type AttemptOrder, HEARD, type TalkBack, type TaskTalk } from './attempt.ts'

const MAX_NAME_CHARS = 100

interface Asked {
  resolve(value: unknown): void
  reject(error: TaskAskError): void
}

/** Opens a way from an attempt to its worker. */
export type OpenLine = (order: AttemptOrder) => MessagePort

/** A task's context inside its thread. What a task does not touch (signal, timer, port) costs nothing. */
export class ThreadContext implements TaskContext {
  readonly jobId: number
  readonly attempt: number
  readonly deadline: number
  readonly #order: AttemptOrder
  readonly #openLine: OpenLine | undefined
  #port: MessagePort | undefined
  #abort: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  #stopped: string | undefined
  readonly #asked = new Map<number, Asked>()
  #lastAsk = 0
  #heard: (() => void) | undefined

  /** @param openLine only in lanes that talk */
  constructor(order: AttemptOrder, openLine: OpenLine | undefined) {
    this.jobId = order.id
    this.attempt = order.attempt
    this.deadline = order.deadline
    this.#order = order
    this.#openLine = openLine
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
    const port = this.#line('ask')
    if (name === '' || name.length > MAX_NAME_CHARS)
      throw new TypeError(`A question's name has 1 to ${MAX_NAME_CHARS} characters.`)
    const text = JSON.stringify(body) ?? 'null'
    if (isLarger(text, MAX_TEXT_BYTES)) {
      return Promise.reject(new TaskAskError('too_large', `A question of more than ${MAX_TEXT_BYTES} bytes cannot be asked.`))
    }
    const ask = ++this.#lastAsk
    const answer = new Promise((resolve, reject) => {
      this.#asked.set(ask, { resolve, reject })
      port.postMessage({ ask, name, text } satisfies TaskTalk)
    })
    // A task that ends without waiting for its answer must not take the thread with it.
    answer.catch(() => {})
    return answer
  }

  chunk(chunk: unknown): void {
    this.#line('report').postMessage({ chunk: JSON.stringify(chunk) ?? 'null' } satisfies TaskTalk)
  }

  /** Called off, or not the current attempt any more. */
  stop(reason: string): void {
    this.#stopped = reason
    this.#abort?.abort(new Fault('cancelled', reason))
  }

  /** The attempt is over: nothing of it may go on. @returns where it has talked, when all that it said was heard */
  close(): Promise<void> | undefined {
    clearTimeout(this.#timer)
    for (const { reject } of this.#asked.values()) reject(new TaskAskError('cancelled', 'The attempt is over.'))
    return this.#port && this.#hangUp(this.#port)
  }

  #line(act: 'ask' | 'report'): MessagePort {
    if (this.#port !== undefined) return this.#port
    if (this.#openLine === undefined) throw new TypeError(`Only tasks of lanes that talk may ${act}.`)
    this.#port = this.#openLine(this.#order)
    this.#port.on('message', (back: TalkBack | typeof HEARD) => (back === HEARD ? this.#heard?.() : this.#answered(back)))
    return this.#port
  }

  #answered({ ask, code, text }: TalkBack): void {
    const one = this.#asked.get(ask)
    this.#asked.delete(ask)
    if (code === null) one?.resolve(JSON.parse(text))
    else one?.reject(new TaskAskError(code, text))
  }

  async #hangUp(port: MessagePort): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.#heard = resolve
      port.once('close', resolve)
    })
    port.postMessage({ over: true } satisfies TaskTalk)
    await heard
    port.close()
    // A port is given back when the event loop turns, and between tasks that do not wait piscina lets it never turn.
    await setImmediate()
  }
}

const tooLong = (): Fault => new Fault('timeout', 'The attempt took longer than it may.')
