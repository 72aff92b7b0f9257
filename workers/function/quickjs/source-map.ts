import type { Position } from './position.ts'

/** From where in the author's text a piece of compiled text comes; lines and columns count from 0. */
interface Segment {
  readonly compiledColumn: number
  readonly line: number
  readonly column: number
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Reads positions of the author's text out of the `mappings` of a source map (ECMA-426, 9.2) with one source. */
export function originsOf(mappings: string): (compiled: Position) => Position {
  let lines: readonly (readonly Segment[])[] | undefined
  return (compiled) => {
    lines ??= decode(mappings)
    const segment = lines[compiled.line - 1]?.findLast(({ compiledColumn }) => compiledColumn < compiled.column)
    return segment ? { line: segment.line + 1, column: segment.column + 1 } : compiled
  }
}

function decode(mappings: string): Segment[][] {
  let line = 0
  let column = 0
  return mappings.split(';').map((row) => {
    let compiledColumn = 0
    return row
      .split(',')
      .filter((code) => code !== '')
      .map((code) => {
        const [compiledStep = 0, , lineStep = 0, columnStep = 0] = numbersOf(code)
        compiledColumn += compiledStep
        line += lineStep
        column += columnStep
        return { compiledColumn, line, column }
      })
  })
}

/** Base64 VLQ: six bits a digit, the highest says that another follows, the lowest of a number is its sign. */
function numbersOf(code: string): number[] {
  const numbers: number[] = []
  let value = 0
  let shift = 0
  for (const letter of code) {
    const digit = DIGITS.indexOf(letter)
    value += (digit & 31) << shift
    shift += 5
    if (digit & 32) continue
    numbers.push(value & 1 ? -(value >> 1) : value >> 1)
    value = 0
    shift = 0
  }
  return numbers
}
