import type { Visit } from '../../contract/visit.ts'
import type { Seat } from '../../core/churn/roster.ts'
import type { Line } from './line.ts'
import type { Question } from './question.ts'

/** One call that a server works on, or is about to. */
export class Call {
  readonly question: Question
  readonly visit: Visit
  /** Who took it back, where it was somebody else than its caller. */
  cancelledBy: string | undefined
  /** What its client was asked and has not answered. */
  openQuestions = 0
  /** Its place among the calls of its upstream. */
  seat: Seat | undefined
  readonly #controller = new AbortController()
  #over: AbortController | undefined
  #hasEnded = false
  readonly #onAbort = (): void => this.#controller.abort()
  #line: Pick<Line, 'key' | 'calls'> | undefined
  #lineSeat: Seat | undefined

  constructor(question: Question, visit: Visit) {
    this.question = question
    this.visit = visit
    if (visit.signal.aborted) this.#controller.abort()
    else visit.signal.addEventListener('abort', this.#onAbort)
  }

  /** Tells the line that it goes over from the others of its upstream. */
  get lineKey(): string {
    return this.#line?.key ?? ''
  }

  /** Aborts when somebody takes the call back. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** Aborts when the call has ended, however it did. */
  get over(): AbortSignal {
    this.#over ??= new AbortController()
    if (this.#hasEnded) this.#over.abort()
    return this.#over.signal
  }

  /** Count among the calls of a line, and no longer among those of the one before. */
  join(line: Pick<Line, 'key' | 'calls'>): void {
    this.#lineSeat?.leave()
    this.#line = line
    this.#lineSeat = line.calls.add(this)
  }

  cancel(by: string): void {
    this.cancelledBy = by
    this.#controller.abort()
  }

  end(): void {
    this.visit.signal.removeEventListener('abort', this.#onAbort)
    this.#lineSeat?.leave()
    this.seat?.leave()
    this.#hasEnded = true
    this.#over?.abort()
  }
}
