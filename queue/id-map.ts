/** Places at the beginning. */
const FEWEST = 16

/** Up to so many places stay when they are not needed any more: what comes and goes in batches must not be laid out anew with each. */
const SPARE = 8_192

/** 2^32 over the golden ratio: spreads ids that follow each other. */
const SPREAD = 0x9e3779b1

/**
 * Jobs by their ids, where they come and go by the ten thousand.
 *
 * Not a `Map`: one that is always changed is laid out anew all the time, and each of its former tables holds on to the next one. So what was
 * removed long ago survives the quick collections, is moved to the old generation by the megabyte, and everybody waits (20 to 45 ms in a busy
 * worker; measured with `--trace-gc`).
 */
export class IdMap<Value extends object> {
  #keys = new Float64Array(FEWEST)
  #values: (Value | undefined)[] = new Array<Value | undefined>(FEWEST).fill(undefined)
  #shift = 32 - Math.log2(FEWEST)
  #size = 0

  get size(): number {
    return this.#size
  }

  get(id: number): Value | undefined {
    return this.#values[this.#placeOf(id)]
  }

  has(id: number): boolean {
    return this.get(id) !== undefined
  }

  set(id: number, value: Value): void {
    const at = this.#placeOf(id)
    if (this.#values[at] === undefined) {
      this.#size += 1
      this.#keys[at] = id
    }
    this.#values[at] = value
    if (this.#size * 2 > this.#keys.length) this.#layOut(this.#keys.length * 2)
  }

  delete(id: number): void {
    const at = this.#placeOf(id)
    if (this.#values[at] === undefined) return
    this.#size -= 1
    this.#closeGap(at)
    if (this.#keys.length > SPARE && this.#size * 16 < this.#keys.length) this.#layOut(this.#keys.length / 2)
  }

  clear(): void {
    this.#size = 0
    this.#layOut(FEWEST, [])
  }

  /** As they are now, in no order; what is done meanwhile changes nothing. */
  values(): Value[] {
    return this.#values.filter((value) => value !== undefined)
  }

  /** As {@link values}. */
  entries(): [id: number, value: Value][] {
    const entries: [number, Value][] = []
    for (const [at, value] of this.#values.entries()) if (value !== undefined) entries.push([this.#keys[at]!, value])
    return entries
  }

  /** Where it is, or else would be. */
  #placeOf(id: number): number {
    const mask = this.#keys.length - 1
    let at = this.#homeOf(id)
    while (this.#values[at] !== undefined && this.#keys[at] !== id) at = (at + 1) & mask
    return at
  }

  #homeOf(id: number): number {
    return Math.imul(id | 0, SPREAD) >>> this.#shift
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
    for (const [id, value] of entries) {
      const at = this.#placeOf(id)
      this.#keys[at] = id
      this.#values[at] = value
    }
  }
}
