import type { Call } from './call.ts'
import type { Exchange } from './exchange.ts'

/** All calls that have not been answered, of all sessions. */
export class CallsInFlight {
  readonly #calls = new Set<Call>()
  #whenNone: (() => void) | undefined

  get size(): number {
    return this.#calls.size
  }

  add(call: Call): void {
    this.#calls.add(call)
  }

  delete(call: Call): void {
    this.#calls.delete(call)
    if (this.#calls.size === 0) this.#whenNone?.()
  }

  all(): readonly Call[] {
    return [...this.#calls]
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
