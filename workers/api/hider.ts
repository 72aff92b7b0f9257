import { valueForms } from '../../src/core/value/value-forms.ts'
import { ValueMatcher, WINDOW_CHARS } from '../../src/core/value/value-matcher.ts'

/** Takes out of an answer what must not be seen: APIs that echo what they were sent would hand the credential to the caller. */
export interface Hider {
  /** @param isCut the text goes on where nobody sees it: a value may begin at its end */
  text(text: string, isCut?: boolean): string
  bytes(bytes: Buffer): Buffer
  /** What a JSON text stands for; the very same where nothing is to be hidden. */
  json(value: unknown, text: string): unknown
}

const MARK = '[hidden]'
/** A beginning as long as this tells something of a value. */
const TELLING_CHARS = 4
/** Deeper than any answer that somebody reads; what lies below is judged as one text. */
const MAX_DEPTH = 200
const MAX_KEPT = 64

const NOTHING: Hider = { text: (text) => text, bytes: (bytes) => bytes, json: (value) => value }

const kept = new Map<string, Hider>()

/** Hides these values, in every form that they take on their way; shorter ones than 8 characters are too common to be taken out without harm. */
export function hiderOf(values: readonly string[]): Hider {
  const long = values.filter((value) => value.length >= WINDOW_CHARS)
  if (long.length === 0) return NOTHING
  const key = JSON.stringify(long)
  const hider = kept.get(key) ?? makeHider(long)
  kept.set(key, hider)
  if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!)
  return hider
}

function makeHider(values: readonly string[]): Hider {
  const forms = [...new Set(values.flatMap(valueForms))]
  const matcher = new ValueMatcher(forms, MARK)
  // As they are read from JSON: of more than 16 digits the last are rounded off.
  const numbers = new Set(values.filter((value) => /^\d+$/.test(value)).map(Number))
  const ofBytes = new ValueMatcher(new Set(forms.map((form) => Buffer.from(form).toString('latin1'))), MARK)
  return {
    text: (text, isCut = false) => withoutBeginning(matcher.replace(text), isCut ? forms : []),
    bytes(bytes) {
      const text = bytes.toString('latin1')
      const clean = ofBytes.replace(text)
      return clean === text ? bytes : Buffer.from(clean, 'latin1')
    },
    // Without a backslash, what a text of JSON stands for stands in it letter by letter.
    json: (value, text) => (text.includes('\\') || matcher.occursIn(text) ? within(value, { matcher, numbers }, 0) : value),
  }
}

/** Whoever can make an answer longer could otherwise move its end through an echoed value. */
function withoutBeginning(text: string, forms: readonly string[]): string {
  const lengths = forms.map((form) => beginningAtEnd(text, form))
  const most = Math.max(0, ...lengths)
  return most < TELLING_CHARS ? text : `${text.slice(0, -most)}${MARK}`
}

function beginningAtEnd(text: string, form: string): number {
  let length = Math.min(form.length - 1, text.length)
  while (length > 0 && !text.endsWith(form.slice(0, length))) length -= 1
  return length
}

interface Known {
  readonly matcher: ValueMatcher
  readonly numbers: ReadonlySet<number>
}

function within(value: unknown, known: Known, depth: number): unknown {
  const { matcher, numbers } = known
  if (typeof value === 'string') return matcher.replace(value)
  if (typeof value === 'number') return matcher.occursIn(String(value)) || numbers.has(value) ? MARK : value
  if (typeof value !== 'object' || value === null) return value
  if (depth >= MAX_DEPTH) return matcher.occursIn(JSON.stringify(value)) ? MARK : value
  if (Array.isArray(value)) return value.map((each) => within(each, known, depth + 1))
  const members = Object.entries(value).map(([name, each]) => [matcher.replace(name), within(each, known, depth + 1)])
  return Object.fromEntries(members)
}
