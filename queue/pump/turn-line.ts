interface Line<Item> {
  items: Item[]
  /** What lies before it was taken. */
  head: number
}

/** What waits for a commit: tokens in turn, so that one that brings much at once is not in the way of the others. */
export class TurnLine<Item> {
  readonly #tokenOf: (item: Item) => string
  readonly #lines = new Map<string, Line<Item>>()
  #size = 0

  constructor(tokenOf: (item: Item) => string) {
    this.#tokenOf = tokenOf
  }

  get size(): number {
    return this.#size
  }

  /** How many tokens something waits of. */
  get tokens(): number {
    return this.#lines.size
  }

  add(item: Item): void {
    const token = this.#tokenOf(item)
    const line = this.#lines.get(token)
    if (line) line.items.push(item)
    else this.#lines.set(token, { items: [item], head: 0 })
    this.#size += 1
  }

  /** Take so many at most: an equal share of each token, and what is left of them. What one token brought stays in its order. */
  take(most: number): Item[] {
    const taken: Item[] = []
    const share = Math.max(1, Math.floor(most / this.#lines.size))
    for (const [token, line] of this.#lines) {
      const count = Math.min(share, most - taken.length)
      if (count === 0) break
      this.#lines.delete(token)
      move(line, taken, count)
      // Behind the others, so that it comes round again.
      if (line.items.length > 0) this.#lines.set(token, line)
    }
    this.#size -= taken.length
    return taken
  }
}

function move<Item>(line: Line<Item>, taken: Item[], most: number): void {
  const end = Math.min(line.items.length, line.head + most)
  while (line.head < end) taken.push(line.items[line.head++]!)
  if (line.head * 2 < line.items.length) return
  line.items = line.items.slice(line.head)
  line.head = 0
}
