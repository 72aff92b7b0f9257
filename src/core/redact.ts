import { knownValues } from './known-values.ts'
import { hasSecretText, isSecretField, REDACTED, redactText } from './secret-text.ts'

/** Deepest nesting that is kept; what lies deeper is left out. */
const MAX_DEPTH = 32
/** Characters beyond the cap that are judged as well, so that a secret on the edge is recognised before the text is cut. */
const EDGE_CHARS = 4_096
const OMITTED = '[omitted]'

interface RedactOptions {
  /** Longest result in characters of JSON, 16 384 by default; the rest is left out and says so. */
  readonly maxChars?: number
  /** Top-level fields that are secret by declaration, whatever they hold. */
  readonly secret?: readonly string[] | undefined
}

/**
 * A value as JSON text that is fit to be kept: secrets are replaced, what is too long or too deep is left out.
 *
 * Secrets are known by the name of their field and by how they look (see `asset/docs/audit.md`). Most values hold none: then the price is one
 * `JSON.stringify` and one regular expression over its result. Never throws.
 */
export function redactJson(value: unknown, { maxChars = 16_384, secret = [] }: RedactOptions = {}): string {
  // Something else than an object, where one of its fields would be secret: which part of it is, nobody can say.
  if (secret.length > 0 && typeof value === 'string') return JSON.stringify(REDACTED)
  try {
    if (secret.length === 0 && fits(value, maxChars)) {
      const text = JSON.stringify(value) ?? 'null'
      if (text.length <= maxChars && !hasSecretText(text)) return text
    }
    return rewrite(value, maxChars, new Set(secret))
  } catch {
    return `"${OMITTED}"`
  }
}

function rewrite(value: unknown, maxChars: number, secret: ReadonlySet<string>): string {
  const walk = new Walk(maxChars)
  const clean = secret.size > 0 && isRecord(value) ? walk.record(value, 0, secret) : walk.value(value, 0)
  const text = JSON.stringify(clean) ?? 'null'
  // Escapes make JSON longer than the characters that were counted; half a document would not parse, so say that it is gone.
  if (text.length <= maxChars) return text
  return maxChars < 64 ? `"${OMITTED}"` : rewriteSmaller(value, maxChars, secret, text.length)
}

function rewriteSmaller(value: unknown, maxChars: number, secret: ReadonlySet<string>, gotChars: number): string {
  const budget = Math.floor((maxChars * maxChars * 0.9) / gotChars)
  const walk = new Walk(budget)
  const clean = secret.size > 0 && isRecord(value) ? walk.record(value, 0, secret) : walk.value(value, 0)
  const text = JSON.stringify(clean) ?? 'null'
  return text.length <= maxChars ? text : JSON.stringify({ [OMITTED]: `${gotChars} characters` })
}

/** Whether a value is surely not much larger than the cap, found without building its text. */
const fits = (value: unknown, maxChars: number): boolean => charsLeft(value, maxChars, 0) >= 0

/** What is left of a budget of characters after a value; negative as soon as it is used up, or the value is none that JSON takes as it is. */
function charsLeft(value: unknown, budget: number, depth: number): number {
  if (typeof value === 'string') return budget - value.length
  if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? -1 : budget - 4
  if (depth >= MAX_DEPTH) return -1
  let left = budget
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length && left >= 0; index++) left = charsLeft(value[index], left - 1, depth + 1)
    return left
  }
  for (const key in value) {
    left = charsLeft((value as Record<string, unknown>)[key], left - key.length - 4, depth + 1)
    if (left < 0) return left
  }
  return left
}

/** One pass over one value, with a budget of characters. */
class Walk {
  #left: number

  constructor(maxChars: number) {
    this.#left = maxChars
  }

  value(value: unknown, depth: number): unknown {
    this.#left -= 2
    if (this.#left <= 0) return OMITTED
    if (typeof value === 'string') return this.#string(value, depth)
    if (typeof value === 'bigint') return String(value)
    if (typeof value !== 'object' || value === null) {
      this.#left -= 4
      if (typeof value === 'number' && knownValues.occurIn(String(value))) return REDACTED
      return typeof value === 'function' || typeof value === 'symbol' ? undefined : value
    }
    if (depth >= MAX_DEPTH) return OMITTED
    if (Array.isArray(value)) return this.#list(value, depth)
    if (value instanceof Date) return this.#string(String(value.getTime()), depth)
    return this.record(value as Record<string, unknown>, depth)
  }

  record(value: Readonly<Record<string, unknown>>, depth: number, secret?: ReadonlySet<string>): unknown {
    // Without a prototype, so that a field called __proto__ is a field like any other.
    const out: Record<string, unknown> = Object.create(null)
    const named = namedSecret(value)
    for (const key of Object.keys(value)) {
      if (this.#left <= 0) {
        out[OMITTED] = 'the rest'
        break
      }
      this.#left -= key.length + 2
      const field = value[key]
      const hidden = secret?.has(key) || isSecretField(key, field) || key === named
      out[this.#cut(redactText(key.slice(0, 1_024)))] = hidden ? this.#hide() : this.value(field, depth + 1)
    }
    return out
  }

  #list(value: readonly unknown[], depth: number): unknown[] {
    const out: unknown[] = []
    let hideNext = false
    for (const item of value) {
      if (this.#left <= 0) {
        out.push(OMITTED)
        break
      }
      out.push(hideNext && typeof item === 'string' ? this.#hide() : this.value(item, depth + 1))
      // ["--password", "…"] and ["Authorization", "…"]: the name is one element, the secret the next.
      hideNext = typeof item === 'string' && item.length <= 64 && isSecretField(item.replace(/^-+/, ''), '')
    }
    return out
  }

  #hide(): string {
    this.#left -= REDACTED.length
    return REDACTED
  }

  #string(value: string, depth: number): string {
    const first = value.length > this.#left + EDGE_CHARS ? value.slice(0, this.#left + EDGE_CHARS) : value
    if (!hasSecretText(first)) return this.#cut(value)
    const clean = inner(first, depth) ?? redactText(first)
    // Where the text was cut before it was judged, its last part may end within a secret that could not be recognised.
    return this.#cut(first === value ? clean : clean.slice(0, Math.max(0, clean.length - EDGE_CHARS)), value.length)
  }

  #cut(text: string, fullChars = text.length): string {
    const kept = text.length <= this.#left ? text : text.slice(0, Math.max(0, this.#left))
    this.#left -= kept.length
    const whole = kept.length === text.length && fullChars <= text.length + EDGE_CHARS
    return whole ? kept : `${kept}… [${fullChars} characters]`
  }
}

/** JSON within a string, as tools like to answer: judged field by field like the rest. */
function inner(text: string, depth: number): string | undefined {
  const start = text.trimStart()[0]
  if ((start !== '{' && start !== '[' && start !== '"') || depth >= MAX_DEPTH) return undefined
  try {
    return JSON.stringify(new Walk(text.length + EDGE_CHARS).value(JSON.parse(text), depth + 1))
  } catch {
    return undefined
  }
}

/** `{ name: 'Authorization', value: '…' }`: the field that holds what another field names as secret. */
function namedSecret(value: Readonly<Record<string, unknown>>): string | undefined {
  if (!('value' in value)) return undefined
  const name = value['name'] ?? value['key'] ?? value['header']
  return typeof name === 'string' && isSecretField(name, value['value']) ? 'value' : undefined
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
