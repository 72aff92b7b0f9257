import type { MessagePort } from 'node:worker_threads'
import type { Told } from '../wire/from-front.ts'
import { isLarger, MAX_TEXT_BYTES } from '../wire/limits.ts'
import { cutTexts } from '../wire/texts.ts'
import { HEARD, type TalkBack, type TaskTalk } from './attempt.ts'
import type { LaneOutbox } from './lane-outbox.ts'
import type { Link } from './link.ts'

interface Question {
  readonly line: TaskLine
  /** The task's own number for it. */
  readonly ask: number
  readonly name: string
  readonly text: string
}

/** Where the questions of all tasks of a worker go, and their answers come back. */
export class TaskLines {
  readonly #link: () => Link
  readonly #open = new Map<number, Question>()
  #unsent = new Set<number>()
  #lastNumber = 0
  #scheduled = false

  constructor(link: () => Link) {
    this.#link = link
  }

  /** Asked at once, or when a front is there. */
  ask(question: Question): void {
    const number = ++this.#lastNumber
    this.#open.set(number, question)
    this.#unsent.add(number)
    this.#schedule()
  }

  answered({ asks, codes, sizes }: Told<'answers'>, body: string): void {
    const texts = cutTexts(body, sizes)
    for (let row = 0; row < asks.length; row++) {
      const question = this.#open.get(asks[row]!)
      this.#open.delete(asks[row]!)
      question?.line.answer({ ask: question.ask, code: codes[row]!, text: texts[row]! })
    }
  }

  /** The front went: what it was asked may have been done, so it is not asked again. What it was not asked waits for the next one. */
  down(): void {
    for (const [number, { line, ask }] of this.#open) {
      if (this.#unsent.has(number)) continue
      this.#open.delete(number)
      line.answer({
        ask,
        code: 'unavailable',
        text: 'The gateway went away before it answered. What was asked may have been done.',
      })
    }
  }

  /** An attempt is over; nobody waits for its answers. */
  forget(line: TaskLine): void {
    for (const [number, question] of this.#open) {
      if (question.line !== line) continue
      this.#open.delete(number)
      this.#unsent.delete(number)
    }
  }

  flush(): void {
    const link = this.#link()
    if (!link.isOpen) return
    for (const number of this.#unsent) {
      const { line, name, text } = this.#open.get(number)!
      const { lane, id, attempt } = line
      link.send({ t: 'asks', lane, asks: [number], ids: [id], attempts: [attempt], names: [name], sizes: [text.length] }, text)
    }
    this.#unsent = new Set()
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.flush()
    })
  }
}

interface TaskLineOptions {
  readonly port: MessagePort
  readonly lines: TaskLines
  readonly outbox: LaneOutbox
  readonly lane: string
  readonly id: number
  readonly attempt: number
  /** It reports faster than the front takes it. */
  readonly onFlood: () => void
}

/** What one attempt asks and reports. */
export class TaskLine {
  readonly lane: string
  readonly id: number
  readonly attempt: number
  readonly #options: TaskLineOptions

  constructor(options: TaskLineOptions) {
    this.#options = options
    this.lane = options.lane
    this.id = options.id
    this.attempt = options.attempt
    options.port.on('message', (talk: TaskTalk) => this.#hear(talk))
  }

  answer(back: TalkBack): void {
    this.#options.port.postMessage(back)
  }

  close(): void {
    this.#options.port.close()
    this.#options.lines.forget(this)
  }

  #hear(talk: TaskTalk): void {
    const { id, attempt } = this
    if ('ask' in talk) {
      this.#options.lines.ask({ line: this, ...talk })
      return
    }
    if ('over' in talk) {
      this.#options.port.postMessage(HEARD)
      return
    }
    const fits = !isLarger(talk.chunk, MAX_TEXT_BYTES) && this.#options.outbox.report({ id, attempt, text: talk.chunk })
    if (!fits) this.#options.onFlood()
  }
}
