import { Fault } from '../contract/fault.ts'

/** Deepest nesting that a JSON body may have. `JSON.stringify` and `structuredClone` give up between 3 000 and 5 000 (Node 24). */
const MAX_DEPTH = 500

/**
 * Judge how deep a JSON text is nested, before it is parsed. A text too short to be too deep is not looked at.
 *
 * @throws Fault `invalid`
 */
export function requireShallow(json: string): void {
  if (json.length <= 2 * MAX_DEPTH || depthOf(json) <= MAX_DEPTH) return
  throw new Fault('invalid', `The body is nested deeper than ${MAX_DEPTH} levels. Send flatter arguments.`)
}

const QUOTE = 34
const BACKSLASH = 92

function depthOf(json: string): number {
  let depth = 0
  let deepest = 0
  for (let index = 0; index < json.length; index += 1) {
    const code = json.charCodeAt(index)
    if (code === QUOTE) index = endOfString(json, index)
    // [ and {, ] and }: each pair differs in one bit only.
    else if ((code | 32) === 123) deepest = Math.max(deepest, ++depth)
    else if ((code | 32) === 125) depth -= 1
  }
  return deepest
}

/** Index of the quote that ends the string which begins at `start`. */
function endOfString(json: string, start: number): number {
  let end = json.indexOf('"', start + 1)
  while (end > 0 && isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return end < 0 ? json.length : end
}

function isEscaped(json: string, quote: number): boolean {
  let backslashes = 0
  while (json.charCodeAt(quote - 1 - backslashes) === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}
