/** Places at the beginning; a power of two, as all their numbers are. */
const FEWEST = 8

/** Up to so many places stay when they are not needed any more: what comes and goes in batches must not be laid out anew with each. */
const SPARE = 8_192

/** Spreads numbers that follow each other: 2^32 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4). */
const SPREAD = 0x9e3779b1

/**
 * What comes and goes with every call or job, by a number of its own. In no order.
 *
 * Not a `Map`, for the reason that `Roster` gives: beside ten thousand jobs the collections that follow from it stop a busy process for 20 to
 * 45 ms. Open addressing with linear probing.
 */
export class NumberMap<Value extends NonNullable<unknown>> {
  #keys = new Float64Array(FEWEST)
  #values: (Value | undefined)[] = new Array<Value | undefined>(FEWEST).fill(undefined)
  #shift = 32 - Math.log2(FEWEST)
  #size = 0

  get size(): number {
    return this.#size
  }

  /** @param key anything; nothing but a number is ever found */
  get(key: unknown): Value | undefined {
    return typeof key === 'number' ? this.#values[this.#placeOf(key)] : undefined
  }

  has(key: unknown): boolean {
    return this.get(key) !== undefined
  }

  set(key: number, value: Value): void {
    const at = this.#placeOf(key)
    if (this.#values[at] === undefined) {
      this.#size += 1
      this.#keys[at] = key
    }
    this.#values[at] = value
    if (this.#size * 2 > this.#keys.length) this.#layOut(this.#keys.length * 2)
  }

  /** @returns what was there */
  delete(key: unknown): Value | undefined {
    if (typeof key !== 'number') return undefined
    const at = this.#placeOf(key)
    const value = this.#values[at]
    if (value === undefined) return undefined
    this.#size -= 1
    this.#closeGap(at)
    if (this.#keys.length > SPARE && this.#size * 16 < this.#keys.length) this.#layOut(this.#keys.length / 2)
    return value
  }

  /** @returns what was there */
  clear(): Value[] {
    const all = this.values()
    this.#size = 0
    this.#layOut(FEWEST, [])
    return all
  }

  /** As they are now; what is done meanwhile changes nothing. */
  values(): Value[] {
    return this.#values.filter((value) => value !== undefined)
  }

  /** As {@link values}. */
  entries(): [key: number, value: Value][] {
    const entries: [number, Value][] = []
    for (const [at, value] of this.#values.entries()) if (value !== undefined) entries.push([this.#keys[at]!, value])
    return entries
  }

  /** Where a key is, or would be. Half of the places are free, so that there is one. */
  #placeOf(key: number): number {
    const mask = this.#keys.length - 1
    let at = this.#homeOf(key)
    while (this.#values[at] !== undefined && this.#keys[at] !== key) at = (at + 1) & mask
    return at
  }

  #homeOf(key: number): number {
    return Math.imul(key, SPREAD) >>> this.#shift
  }

  /** Those behind a gap move up, where they are not at home already. */
  #closeGap(gap: number): void {
    const mask = this.#keys.length - 1
    for (let at = (gap + 1) & mask; this.#values[at] !== undefined; at = (at + 1) & mask) {
      const home = this.#homeOf(this.#keys[at]!)
      if (((at - home) & mask) < ((at - gap) & mask)) continue
      this.#keys[gap] = this.#keys[at]!
      this.#values[gap] = this.#values[at]
      gap = at
    }
    this.#values[gap] = undefined
  }

  #layOut(places: number, entries = this.entries()): void {
    // What is laid aside must not hold on to anything either.
    this.#values.fill(undefined)
    this.#keys = new Float64Array(places)
    this.#values = new Array<Value | undefined>(places).fill(undefined)
    this.#shift = 32 - Math.log2(places)
    for (const [key, value] of entries) {
      const at = this.#placeOf(key)
      this.#keys[at] = key
      this.#values[at] = value
    }
  }
}
