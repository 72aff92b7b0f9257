/** Fewest places of a table; a power of two, as all their numbers are. */
const MIN_PLACES = 8
/** Spreads numbers that follow each other: 2^32 divided by the golden ratio (Knuth, The Art of Computer Programming 3, 6.4). */
const SPREAD = 0x9e3779b1

/**
 * What comes and goes with every call, by a number of its own. In no order.
 *
 * Not a `Map`, for the reason that `Roster` gives. Open addressing with linear probing; it keeps the room that it once needed.
 */
export class NumberMap<Value extends NonNullable<unknown>> {
  #keys: number[] = []
  #values: (Value | undefined)[] = []
  #size = 0
  #shift = 0

  constructor() {
    this.#makePlaces(MIN_PLACES)
  }

  get size(): number {
    return this.#size
  }

  /** @param key anything; nothing but a number is ever found */
  get(key: unknown): Value | undefined {
    return typeof key === 'number' ? this.#values[this.#placeOf(key)] : undefined
  }

  set(key: number, value: Value): void {
    let place = this.#placeOf(key)
    if (this.#values[place] === undefined) {
      if ((this.#size + 1) * 2 > this.#values.length) {
        this.#grow()
        place = this.#placeOf(key)
      }
      this.#size += 1
    }
    this.#keys[place] = key
    this.#values[place] = value
  }

  /** Remove a value, and return it. */
  take(key: unknown): Value | undefined {
    if (typeof key !== 'number') return undefined
    const place = this.#placeOf(key)
    const value = this.#values[place]
    if (value === undefined) return undefined
    this.#size -= 1
    this.#close(place)
    return value
  }

  /** All of them, and none is left. */
  takeAll(): Value[] {
    const all = this.values()
    this.#makePlaces(MIN_PLACES)
    this.#size = 0
    return all
  }

  values(): Value[] {
    return this.#values.filter((value) => value !== undefined)
  }

  /** Where a key is, or would be. Half of the places are free, so that there is one. */
  #placeOf(key: number): number {
    const last = this.#values.length - 1
    let place = this.#homeOf(key)
    while (this.#values[place] !== undefined && this.#keys[place] !== key) place = (place + 1) & last
    return place
  }

  #homeOf(key: number): number {
    return Math.imul(key, SPREAD) >>> this.#shift
  }

  /** Empty a place, and move up whatever had to go past it. */
  #close(place: number): void {
    const last = this.#values.length - 1
    let gap = place
    for (let at = (place + 1) & last; this.#values[at] !== undefined; at = (at + 1) & last) {
      const home = this.#homeOf(this.#keys[at]!)
      if (((at - home) & last) < ((at - gap) & last)) continue
      this.#keys[gap] = this.#keys[at]!
      this.#values[gap] = this.#values[at]
      gap = at
    }
    this.#values[gap] = undefined
  }

  #grow(): void {
    const keys = this.#keys
    const values = this.#values
    this.#makePlaces(values.length * 2)
    for (const [index, value] of values.entries()) {
      if (value === undefined) continue
      const place = this.#placeOf(keys[index]!)
      this.#keys[place] = keys[index]!
      this.#values[place] = value
    }
  }

  #makePlaces(count: number): void {
    this.#keys = new Array<number>(count).fill(0)
    this.#values = new Array<Value | undefined>(count).fill(undefined)
    this.#shift = 32 - Math.log2(count)
  }
}
