import type { Visit } from '../../contract/visit.ts'
import type { Seat } from '../../core/churn/roster.ts'
import type { Withdrawal } from '../../mcp/client/request-options.ts'
import type { Line } from './line.ts'
import type { Question } from './question.ts'

/** One call that a server works on, or is about to. */
export class Call implements Withdrawal {
  readonly question: Question
  readonly visit: Visit
  /** Who took it back, where it was somebody else than its caller. */
  cancelledBy: string | undefined
  /** What its client was asked and has not answered. */
  openQuestions = 0
  /** Its place among the calls of its upstream. */
  seat: Seat | undefined
  onWithdrawn: ((id: number) => void) | undefined
  withdrawnId = 0
  #isWithdrawn = false
  #controller: AbortController | undefined
  #over: AbortController | undefined
  #hasEnded = false
  readonly #onAbort = (): void => this.#withdraw()
  #line: Pick<Line, 'key' | 'calls'> | undefined
  #lineSeat: Seat | undefined

  constructor(question: Question, visit: Visit) {
    this.question = question
    this.visit = visit
    if (visit.signal.aborted) this.#isWithdrawn = true
    else visit.signal.addEventListener('abort', this.#onAbort)
  }

  /** Tells the line that it goes over from the others of its upstream. */
  get lineKey(): string {
    return this.#line?.key ?? ''
  }

  /** Somebody took the call back. */
  get isWithdrawn(): boolean {
    return this.#isWithdrawn
  }

  /** Aborts when somebody takes the call back; made for those who need it. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.#isWithdrawn) this.#controller.abort()
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
    this.#withdraw()
  }

  #withdraw(): void {
    if (this.#isWithdrawn) return
    this.#isWithdrawn = true
    this.#controller?.abort()
    this.onWithdrawn?.(this.withdrawnId)
  }

  end(): void {
    this.visit.signal.removeEventListener('abort', this.#onAbort)
    this.#lineSeat?.leave()
    this.seat?.leave()
    this.#hasEnded = true
    this.#over?.abort()
  }
}
