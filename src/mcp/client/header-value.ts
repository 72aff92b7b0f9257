const PLAIN = /^[\x20-\x7e\t]*$/
const SENTINEL = /^=\?base64\?.*\?=$/s
const EDGE_SPACE = /^[ \t]|[ \t]$/

/** Text as an HTTP header carries it: as it is where that is safe, else as base64 of its UTF-8 (MCP 2026-07-28, "Value Encoding"). */
export function headerValue(text: string): string {
  if (PLAIN.test(text) && !EDGE_SPACE.test(text) && !SENTINEL.test(text)) return text
  return `=?base64?${Buffer.from(text).toString('base64')}?=`
}
