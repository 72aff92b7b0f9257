import { Roster, type Seat } from '../../core/churn/roster.ts'
import type { Call } from './call.ts'
import type { Exchange } from './exchange.ts'

/** All calls that have not been answered, of all sessions. */
export class CallsInFlight {
  readonly #calls = new Roster<Call>()
  #whenNone: (() => void) | undefined

  get size(): number {
    return this.#calls.size
  }

  add(call: Call): Seat {
    return this.#calls.add(call)
  }

  end(seat: Seat): void {
    seat.leave()
    if (this.#calls.size === 0) this.#whenNone?.()
  }

  all(): readonly Call[] {
    return this.#calls.all()
  }

  /** The answers that are waited for; a batch has one for several calls. */
  exchanges(): ReadonlySet<Exchange> {
    return new Set(this.all().map((call) => call.exchange))
  }

  /** Resolves when there are none any more, or after `budgetMs`. */
  drained(budgetMs: number): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, budgetMs)
      this.#whenNone = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
