interface Line<Item> {
  /** Nothing where it was taken. */
  items: (Item | undefined)[]
  /** What lies before it was taken. */
  head: number
}

/** Lines of tokens of which nothing waits are forgotten when there are more than these, and twice as many as after the last time. */
const SWEEP_AT = 1_000

/**
 * What waits for a commit: tokens in turn, so that one that brings much at once is not in the way of the others.
 *
 * It changes with every commit, and holds on to nothing that was taken: a `Map` whose entries come and go would, for the reason that
 * `NumberMap` gives, so entries stay.
 */
export class TurnLine<Item> {
  readonly #tokenOf: (item: Item) => string
  readonly #lines = new Map<string, Line<Item>>()
  /** Those in which something waits, in turn. */
  readonly #turns: Line<Line<Item>> = { items: [], head: 0 }
  #size = 0
  #sweepAt = SWEEP_AT

  constructor(tokenOf: (item: Item) => string) {
    this.#tokenOf = tokenOf
  }

  get size(): number {
    return this.#size
  }

  /** How many tokens something waits of. */
  get tokens(): number {
    return lengthOf(this.#turns)
  }

  add(item: Item): void {
    const token = this.#tokenOf(item)
    const line = this.#lines.get(token) ?? this.#makeLine(token)
    if (lengthOf(line) === 0) this.#turns.items.push(line)
    line.items.push(item)
    this.#size += 1
  }

  /** Take so many at most: an equal share of each token, and what is left of them. What one token brought stays in its order. */
  take(most: number): Item[] {
    const taken: Item[] = []
    const share = Math.max(1, Math.floor(most / this.tokens))
    while (taken.length < most && this.tokens > 0) {
      const line = shift(this.#turns)
      for (let left = Math.min(share, most - taken.length, lengthOf(line)); left > 0; left--) taken.push(shift(line))
      // Behind the others, so that it comes round again.
      if (lengthOf(line) > 0) this.#turns.items.push(line)
    }
    this.#size -= taken.length
    return taken
  }

  #makeLine(token: string): Line<Item> {
    if (this.#lines.size >= this.#sweepAt) this.#sweep()
    const line: Line<Item> = { items: [], head: 0 }
    this.#lines.set(token, line)
    return line
  }

  #sweep(): void {
    for (const [token, line] of this.#lines) if (lengthOf(line) === 0) this.#lines.delete(token)
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#lines.size)
  }
}

const lengthOf = ({ items, head }: Line<unknown>): number => items.length - head

/** Only where something waits. */
function shift<Item>(line: Line<Item>): Item {
  const item = line.items[line.head] as Item
  line.items[line.head++] = undefined
  if (line.head === line.items.length) {
    line.items.length = 0
    line.head = 0
  } else if (line.head > SWEEP_AT && line.head * 2 > line.items.length) {
    line.items = line.items.slice(line.head)
    line.head = 0
  }
  return item
}
