import { valueForms } from './value/value-forms.ts'
import { ValueMatcher, WINDOW_CHARS } from './value/value-matcher.ts'

/** The shortest value that is searched for, in characters; shorter ones would be found in ordinary words. */
export const MIN_KNOWN_CHARS = WINDOW_CHARS

/**
 * The secret values that this process knows, and the way to take them out of whatever leaves it.
 *
 * One for the whole process, because a value that one part knows must not leave by way of another. Costs nothing while it is empty.
 */
class KnownValues {
  readonly #values = new Map<string, readonly string[]>()
  #matcher: ValueMatcher | undefined

  /** Know these values under a key, in place of those of before; none forgets the key. Shorter ones than `MIN_KNOWN_CHARS` are left out. */
  set(key: string, values: readonly string[]): void {
    const long = [...new Set(values)].filter((value) => value.length >= MIN_KNOWN_CHARS)
    const before = this.#values.get(key) ?? []
    if (long.length === 0) this.#values.delete(key)
    else this.#values.set(key, long)
    const matcher = this.#matcher
    if (!matcher) return
    for (const form of long.filter((value) => !before.includes(value)).flatMap(valueForms)) matcher.add(form)
    for (const form of before.filter((value) => !long.includes(value)).flatMap(valueForms)) matcher.delete(form)
    // Built anew, with more room, when it is next needed.
    if (!matcher.isRoomy) this.#matcher = undefined
  }

  /** Forget everything under keys that begin so. */
  forget(prefix: string): void {
    for (const key of [...this.#values.keys()]) if (key.startsWith(prefix)) this.set(key, [])
  }

  /** Whether there is anything to look for. */
  get any(): boolean {
    return this.#values.size > 0
  }

  occurIn(text: string): boolean {
    return text.length >= WINDOW_CHARS && this.any && this.#ready().occursIn(text)
  }

  /** Whether a number is what a known value became when JSON was read: of more than 16 digits the last are rounded off. */
  isRounded(value: number): boolean {
    if (Number.isSafeInteger(value)) return false
    return [...this.#values.values()].some((values) => values.some((one) => isDigits(one) && Number(one) === Math.abs(value)))
  }

  /** The text without any known value; the same string where there was none. */
  scrub(text: string): string {
    return text.length >= WINDOW_CHARS && this.any ? this.#ready().replace(text) : text
  }

  /** Built when it is first needed, so that many changes cost one. */
  #ready(): ValueMatcher {
    this.#matcher ??= new ValueMatcher([...this.#values.values()].flatMap((values) => values.flatMap(valueForms)))
    return this.#matcher
  }
}

const isDigits = (text: string): boolean => /^\d+$/.test(text)

/** What this process knows. */
export const knownValues: KnownValues = new KnownValues()
