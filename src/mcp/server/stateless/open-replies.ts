import type { Reply } from './reply.ts'

/** Requests of the stateless era that have not been answered. */
export class OpenReplies {
  readonly #replies = new Set<Reply>()
  #whenNone: (() => void) | undefined

  get size(): number {
    return this.#replies.size
  }

  add(reply: Reply): void {
    this.#replies.add(reply)
  }

  delete(reply: Reply): void {
    this.#replies.delete(reply)
    if (this.#replies.size === 0) this.#whenNone?.()
  }

  all(): readonly Reply[] {
    return [...this.#replies]
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
