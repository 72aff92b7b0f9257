/** Whether a text fits. */
export type Matcher = (text: string) => boolean

/**
 * Compile a glob in which `*` stands for any run of characters, the empty one included, and nothing else is special.
 *
 * Runs in time linear in the text, whatever the pattern. A glob may be asked about a glob: every `*` of the asked one is then
 * an ordinary character that only a `*` can take in, so the answer is whether it takes in all that the asked one does.
 */
export function compileGlob(pattern: string): Matcher {
  const parts = pattern.split('*')
  const first = parts[0]!
  if (parts.length === 1) return (text) => text === pattern
  const last = parts.at(-1)!
  const middle = parts.slice(1, -1).filter((part) => part !== '')
  if (middle.length === 0 && last === '') return (text) => text.startsWith(first)
  const fixedLength = first.length + last.length
  return (text) => {
    if (text.length < fixedLength || !text.startsWith(first) || !text.endsWith(last)) return false
    return containsInOrder(text, middle, first.length, text.length - last.length)
  }
}

function containsInOrder(text: string, parts: readonly string[], from: number, to: number): boolean {
  let position = from
  for (const part of parts) {
    const found = text.indexOf(part, position)
    if (found < 0 || found + part.length > to) return false
    position = found + part.length
  }
  return position <= to
}

/** Whether some text fits both globs. Where their beginnings do not decide it, time and memory grow with the product of their lengths. */
export function globsOverlap(a: string, b: string): boolean {
  const [startA, startB] = [beginning(a), beginning(b)]
  if (!startA.startsWith(startB) && !startB.startsWith(startA)) return false
  if (a === `${startA}*` && startB.startsWith(startA)) return true
  if (b === `${startB}*` && startA.startsWith(startB)) return true
  // reach[j]: whether the rest of `a` from the current i, and the rest of `b` from j, have a text in common.
  let below: boolean[] = []
  for (let i = a.length; i >= 0; i -= 1) {
    const reach: boolean[] = new Array(b.length + 1).fill(false)
    for (let j = b.length; j >= 0; j -= 1) reach[j] = step(a[i], b[j], below, reach, j)
    below = reach
  }
  return below[0]!
}

/** What every text that fits a glob begins with; all of it, where it has no star. */
const beginning = (glob: string): string => glob.slice(0, glob.includes('*') ? glob.indexOf('*') : undefined)

function step(
  a: string | undefined,
  b: string | undefined,
  below: readonly boolean[],
  reach: readonly boolean[],
  j: number,
): boolean {
  if (a === undefined && b === undefined) return true
  if (a === '*') return below[j]! || (b !== undefined && reach[j + 1]!)
  if (b === '*') return reach[j + 1]! || (a !== undefined && below[j]!)
  return a !== undefined && a === b && below[j + 1]!
}
