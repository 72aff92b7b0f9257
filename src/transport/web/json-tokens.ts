/** A piece of JSON text and what it is, so that a page can colour it. */
export interface JsonToken {
  readonly kind: 'key' | 'string' | 'number' | 'word' | 'plain'
  readonly text: string
}

/** Beyond this a text is shown without colours, in characters. */
const COLOURED_LIMIT = 40_000

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null)/g

/** Cut indented JSON into tokens. The texts, joined, are the input. */
export function jsonTokens(text: string): readonly JsonToken[] {
  if (text.length > COLOURED_LIMIT) return [{ kind: 'plain', text }]
  const tokens: JsonToken[] = []
  let from = 0
  for (const found of text.matchAll(TOKEN)) {
    if (found.index > from) tokens.push({ kind: 'plain', text: text.slice(from, found.index) })
    const [whole, quoted, colon, number] = found
    if (quoted !== undefined) tokens.push({ kind: colon === undefined ? 'string' : 'key', text: quoted })
    else tokens.push({ kind: number === undefined ? 'word' : 'number', text: whole })
    if (colon !== undefined) tokens.push({ kind: 'plain', text: colon })
    from = found.index + whole.length
  }
  if (from < text.length) tokens.push({ kind: 'plain', text: text.slice(from) })
  return tokens
}
