/** What HTTP lets into a header without encoding (RFC 9110, 5.5, as MCP narrows it). */
const PLAIN = /^[\t\x20-\x7e]*$/

const ENCODED = /^=\?base64\?(.*)\?=$/

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * The text that a header carries, decoded where it is wrapped in the Base64 sentinel (MCP 2026-07-28, Streamable HTTP, value encoding).
 *
 * @returns `undefined` for what no client may send: other characters, or Base64 or UTF-8 that is none
 */
export function decodeHeader(value: string): string | undefined {
  if (!PLAIN.test(value)) return undefined
  const encoded = ENCODED.exec(value)?.[1]
  if (encoded === undefined) return value
  const bytes = Buffer.from(encoded, 'base64')
  // Decoding is lenient, so it must also be spelt as an encoder spells it.
  if (bytes.toString('base64') !== encoded) return undefined
  try {
    return utf8.decode(bytes)
  } catch {
    return undefined
  }
}
