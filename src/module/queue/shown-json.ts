import { redactJson } from '../../core/redact.ts'

/** Longest text that is parsed to be shown, in characters: parsing more would hold up everybody else. */
const MAX_PARSED_CHARS = 1_048_576
/** Longest text that is shown, in characters of JSON; the rest is left out and says so. */
const MAX_SHOWN_CHARS = 65_536

/** What is shown of a payload or result. */
interface ShownJson {
  /** Redacted; null where there is nothing, or too much. */
  readonly value: unknown
  readonly bytes: number
}

/** JSON text as people may see it: secrets replaced, cut to a size that fits a page. */
export function shownJson(text: string | null): ShownJson {
  if (text === null) return { value: null, bytes: 0 }
  const bytes = Buffer.byteLength(text)
  const value: unknown =
    text.length > MAX_PARSED_CHARS ? null : JSON.parse(redactJson(JSON.parse(text), { maxChars: MAX_SHOWN_CHARS }))
  return { value, bytes }
}
