import { Roster, type Seat } from '../../../core/churn/roster.ts'
import type { Reply } from './reply.ts'

/** Requests of the stateless era that have not been answered. */
export class OpenReplies {
  readonly #replies = new Roster<Reply>()
  #whenNone: (() => void) | undefined

  get size(): number {
    return this.#replies.size
  }

  add(reply: Reply): Seat {
    return this.#replies.add(reply)
  }

  end(seat: Seat): void {
    seat.leave()
    if (this.#replies.size === 0) this.#whenNone?.()
  }

  all(): readonly Reply[] {
    return this.#replies.all()
  }

  /** Resolves when there are none any more, or after `budgetMs`. */
  drained(budgetMs: number): Promise<void> {
    if (this.#replies.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, budgetMs)
      this.#whenNone = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
