import { valueForms } from './value-forms.ts'
import { ValueMatcher, WINDOW_CHARS } from './value-matcher.ts'

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
  #stale = false

  /** Know these values under a key, in place of those of before; none forgets the key. Shorter ones than `MIN_KNOWN_CHARS` are left out. */
  set(key: string, values: readonly string[]): void {
    const long = values.filter((value) => value.length >= MIN_KNOWN_CHARS)
    const before = this.#values.get(key) ?? []
    if (long.length === 0) this.#values.delete(key)
    else this.#values.set(key, long)
    if (before.some((value) => !long.includes(value))) this.#stale = true
    else this.#learn(long)
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

  /** The text without any known value; the same string where there was none. */
  scrub(text: string): string {
    return text.length >= WINDOW_CHARS && this.any ? this.#ready().replace(text) : text
  }

  #learn(values: readonly string[]): void {
    if (!this.#matcher || this.#stale) return
    for (const value of values) for (const form of valueForms(value)) this.#matcher.add(form)
    if (!this.#matcher.isRoomy) this.#stale = true
  }

  /** Built when it is first needed, so that many changes cost one. */
  #ready(): ValueMatcher {
    if (this.#matcher && !this.#stale) return this.#matcher
    this.#matcher = new ValueMatcher([...this.#values.values()].flatMap((values) => values.flatMap(valueForms)))
    this.#stale = false
    return this.#matcher
  }
}

/** What this process knows. */
export const knownValues: KnownValues = new KnownValues()
