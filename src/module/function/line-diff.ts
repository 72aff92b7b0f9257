/** One line of a difference: in both, added or taken out. */
export interface DiffLine {
  readonly sign: ' ' | '+' | '-'
  readonly text: string
}

/** Pairs of lines that are compared at most: about 50 ms. */
const MAX_PAIRS = 4_000_000

/** How one text became another, line by line (longest common subsequence); undefined where both differ over too many lines to say. */
export function lineDiff(before: string, after: string): DiffLine[] | undefined {
  const a = before.split('\n')
  const b = after.split('\n')
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a.at(-1 - tail) === b.at(-1 - tail)) tail += 1
  const middle = diffMiddle(a.slice(head, a.length - tail), b.slice(head, b.length - tail))
  return middle && [...same(a.slice(0, head)), ...middle, ...same(a.slice(a.length - tail))]
}

const same = (lines: readonly string[]): DiffLine[] => lines.map((text) => ({ sign: ' ', text }))

function diffMiddle(a: readonly string[], b: readonly string[]): DiffLine[] | undefined {
  if (a.length * b.length > MAX_PAIRS) return undefined
  const [left, right] = numbered(a, b)
  const width = b.length + 1
  // common[i * width + j]: lines that the rests from i and j have in common.
  const common = new Uint32Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      const below = common[(i + 1) * width + j]!
      const beside = common[i * width + j + 1]!
      common[i * width + j] = left[i] === right[j] ? common[(i + 1) * width + j + 1]! + 1 : Math.max(below, beside)
    }
  }
  const lines: DiffLine[] = []
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && left[i] === right[j]) {
      lines.push({ sign: ' ', text: a[i]! })
      i += 1
      j += 1
    } else if (i < a.length && (j === b.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!)) {
      lines.push({ sign: '-', text: a[i++]! })
    } else lines.push({ sign: '+', text: b[j++]! })
  }
  return lines
}

/** Equal lines have equal numbers: long lines that differ at their ends only would take ten times as long to compare. */
function numbered(...texts: readonly [readonly string[], readonly string[]]): readonly [Uint32Array, Uint32Array] {
  const numbers = new Map<string, number>()
  const numberOf = (line: string): number => {
    const number = numbers.get(line) ?? numbers.size
    numbers.set(line, number)
    return number
  }
  return [Uint32Array.from(texts[0], numberOf), Uint32Array.from(texts[1], numberOf)]
}
