/** What stands where a known value stood, unless somebody says otherwise. */
const MARK = '[redacted]'
/** Length of the part of each pattern that is searched for; no pattern may be shorter. */
export const WINDOW_CHARS = 8
const BLOCK_CHARS = 3
const FARTHEST = WINDOW_CHARS - BLOCK_CHARS + 1
const MIN_BITS = 12
const MAX_BITS = 20

interface Pattern {
  readonly text: string
  /** Where its searched part begins. */
  readonly offset: number
}

/**
 * Finds any of many texts in one pass that skips most of what it passes (Wu and Manber, TR 94-17, 1994).
 *
 * The middle of each pattern is what is searched for: keys of one issuer begin alike, and PEM ends alike.
 */
export class ValueMatcher {
  readonly #mask: number
  readonly #mark: string
  readonly #shifts: Uint8Array
  readonly #buckets = new Map<number, Pattern[]>()
  /** How often each was added. */
  readonly #known = new Map<string, number>()

  /** @param patterns at least `WINDOW_CHARS` long each */
  constructor(patterns: Iterable<string>, mark = MARK) {
    this.#mark = mark
    const all = [...patterns]
    const bits = Math.min(MAX_BITS, Math.max(MIN_BITS, Math.ceil(Math.log2(all.length * 64 + 1))))
    this.#mask = 2 ** bits - 1
    this.#shifts = new Uint8Array(2 ** bits).fill(FARTHEST)
    for (const text of all) this.add(text)
  }

  /** Whether it has as much room as its patterns need to be found quickly. */
  get isRoomy(): boolean {
    return this.#known.size * 16 <= this.#mask
  }

  add(text: string): void {
    const times = this.#known.get(text) ?? 0
    this.#known.set(text, times + 1)
    if (times > 0) return
    const offset = (text.length - WINDOW_CHARS) >> 1
    const last = offset + WINDOW_CHARS - BLOCK_CHARS
    for (let at = offset; at <= last; at++) {
      const slot = this.#slot(text, at)
      this.#shifts[slot] = Math.min(this.#shifts[slot]!, last - at)
    }
    const slot = this.#slot(text, last)
    const bucket = this.#buckets.get(slot)
    if (bucket) bucket.push({ text, offset })
    else this.#buckets.set(slot, [{ text, offset }])
  }

  /** Take away one that was added, as often as it was. What is left is found a little more slowly than if it had never been there. */
  delete(text: string): void {
    const times = this.#known.get(text) ?? 0
    if (times > 1) this.#known.set(text, times - 1)
    if (times !== 1) return
    this.#known.delete(text)
    const slot = this.#slot(text, ((text.length - WINDOW_CHARS) >> 1) + WINDOW_CHARS - BLOCK_CHARS)
    this.#buckets.set(
      slot,
      this.#buckets.get(slot)!.filter((pattern) => pattern.text !== text),
    )
  }

  /** Whether any pattern stands in a text. */
  occursIn(text: string): boolean {
    return this.#next(text, 0) !== undefined
  }

  /** The text with a mark in place of every pattern; overlapping ones share a mark. The same string where there is none. */
  replace(text: string): string {
    let found = this.#next(text, 0)
    if (!found) return text
    let out = ''
    let copied = 0
    while (found) {
      let { start, end } = found
      let next = this.#next(text, found.resume)
      while (next && next.start < end) {
        start = Math.min(start, next.start)
        end = Math.max(end, next.end)
        next = this.#next(text, next.resume)
      }
      out += text.slice(copied, Math.max(copied, start)) + this.#mark
      copied = Math.max(copied, end)
      found = next
    }
    return out + text.slice(copied)
  }

  /** The next place whose searched part ends at `from` or later, with the longest pattern there. */
  #next(text: string, from: number): { start: number; end: number; resume: number } | undefined {
    const shifts = this.#shifts
    const last = text.length - BLOCK_CHARS
    for (let at = Math.max(from, WINDOW_CHARS - BLOCK_CHARS); at <= last; ) {
      const slot = this.#slot(text, at)
      const shift = shifts[slot]!
      if (shift > 0) {
        at += shift
        continue
      }
      const found = this.#longest(text, at, slot)
      if (found) return { ...found, resume: at + 1 }
      at += 1
    }
    return undefined
  }

  #longest(text: string, at: number, slot: number): { start: number; end: number } | undefined {
    let best: { start: number; end: number } | undefined
    for (const pattern of this.#buckets.get(slot) ?? []) {
      const start = at - (WINDOW_CHARS - BLOCK_CHARS) - pattern.offset
      if (start < 0 || !text.startsWith(pattern.text, start)) continue
      const end = start + pattern.text.length
      best = best ? { start: Math.min(best.start, start), end: Math.max(best.end, end) } : { start, end }
    }
    return best
  }

  #slot(text: string, at: number): number {
    const mixed =
      Math.imul(text.charCodeAt(at), 0x9e3779b1) ^
      Math.imul(text.charCodeAt(at + 1), 0x85ebca6b) ^
      Math.imul(text.charCodeAt(at + 2), 0xc2b2ae35)
    return (mixed ^ (mixed >>> 15)) & this.#mask
  }
}
