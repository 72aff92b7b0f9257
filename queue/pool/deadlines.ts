/** Longest that a timer can be set to. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Calls for each attempt whose time is up (by the steady clock, which nobody sets), with one timer for all of them. */
export class Deadlines<Item extends { readonly dueAt: number }> {
  readonly #items: () => Iterable<Item>
  readonly #onDue: (item: Item) => void
  #timer: NodeJS.Timeout | undefined
  #armedFor = Number.POSITIVE_INFINITY

  /** @param items those that still run */
  constructor(items: () => Iterable<Item>, onDue: (item: Item) => void) {
    this.#items = items
    this.#onDue = onDue
  }

  /** Mostly free: an attempt that began later is due later. */
  watch({ dueAt }: Item): void {
    if (dueAt < this.#armedFor) this.#arm(dueAt)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  #arm(at: number): void {
    clearTimeout(this.#timer)
    this.#armedFor = at
    this.#timer = setTimeout(() => this.#look(), Math.min(Math.max(0, at - performance.now()), MAX_TIMER_MS))
  }

  #look(): void {
    this.#armedFor = Number.POSITIVE_INFINITY
    const now = performance.now()
    let next = Number.POSITIVE_INFINITY
    for (const item of this.#items()) {
      if (item.dueAt <= now) this.#onDue(item)
      else next = Math.min(next, item.dueAt)
    }
    if (next < Number.POSITIVE_INFINITY) this.#arm(next)
  }
}
