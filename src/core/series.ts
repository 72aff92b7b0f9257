import type { Labels } from '../contract/meter.ts'

/** Series that one metric may have; what comes beyond is counted together, so that nobody can make them without end. */
const MAX_SERIES = 2_000

/** The value of all labels of what came beyond. */
const BEYOND = 'other'

/** The slots of one metric by the values of its labels. Looking one up costs about a tenth of a microsecond. */
export class Series<Slot> {
  readonly #labelNames: readonly string[]
  readonly #make: () => Slot
  readonly #slots = new Map<string, { readonly labels: Labels; readonly slot: Slot }>()

  constructor(labelNames: readonly string[], make: () => Slot) {
    this.#labelNames = labelNames
    this.#make = make
    if (labelNames.length === 0) this.of({})
  }

  of(labels: Labels): Slot {
    let key = ''
    for (const name of this.#labelNames) key += `${labels[name]}\n`
    return this.#slots.get(key)?.slot ?? this.#open(key, labels)
  }

  all(): Iterable<{ readonly labels: Labels; readonly slot: Slot }> {
    return this.#slots.values()
  }

  #open(key: string, labels: Labels): Slot {
    if (this.#slots.size >= MAX_SERIES) {
      const beyond = Object.fromEntries(this.#labelNames.map((name) => [name, BEYOND]))
      return labels[this.#labelNames[0]!] === BEYOND ? this.#put(key, beyond) : this.of(beyond)
    }
    return this.#put(key, Object.fromEntries(this.#labelNames.map((name) => [name, String(labels[name])])))
  }

  #put(key: string, labels: Labels): Slot {
    const slot = this.#make()
    this.#slots.set(key, { labels, slot })
    return slot
  }
}
