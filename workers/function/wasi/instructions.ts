import { readLeb } from './section.ts'

/** A place in a function's code where time may go by without end: a loop, or an instruction that works on as much memory as it is told. */
export interface LongWork {
  readonly kind: 'loop' | 'bulk'
  /** Where the loop's body begins; the instruction itself, with its count of bytes on top of the stack. */
  readonly at: number
  /** Ways of the widest `br_table` that stands in the loop. */
  widest: number
}

const BLOCK = 0x02
const LOOP = 0x03
const IF = 0x04
const END = 0x0b
const BR_TABLE = 0x0e
const SELECT_TYPED = 0x1c
const F32_CONST = 0x43
const F64_CONST = 0x44
const PREFIX = 0xfc
const MEMORY_COPY = 10
const MEMORY_FILL = 11

/** Numbers behind the instructions of each prefixed code that we know (`0xfc`, specification 5.4). */
const PREFIXED: readonly number[] = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1]

/**
 * Where a function's code may take long, in the order of the code.
 *
 * @throws TypeError for an instruction beyond WebAssembly 2.0 without vectors: what is not understood cannot be told from the next one
 */
export function longWorkIn(code: Uint8Array, from: number): readonly LongWork[] {
  const found: LongWork[] = []
  const open: (LongWork | undefined)[] = []
  let at = from
  while (at < code.length) {
    const opcode = code[at]!
    const next = endOf(code, at)
    if (opcode === LOOP) open.push(found[found.push({ kind: 'loop', at: next, widest: 0 }) - 1])
    else if (opcode === BLOCK || opcode === IF) open.push(undefined)
    else if (opcode === END) open.pop()
    else if (opcode === BR_TABLE) for (const one of open) if (one) one.widest = Math.max(one.widest, readLeb(code, at + 1).value)
    if (opcode === PREFIX && (code[at + 1] === MEMORY_COPY || code[at + 1] === MEMORY_FILL))
      found.push({ kind: 'bulk', at, widest: 0 })
    at = next
  }
  return found
}

/** Where the instruction that begins at `at` ends. */
function endOf(code: Uint8Array, at: number): number {
  const opcode = code[at]!
  if (opcode === BR_TABLE) return pastLebs(code, ...pastCount(code, at + 1, 1))
  if (opcode === SELECT_TYPED) return pastLebs(code, ...pastCount(code, at + 1, 0))
  if (opcode === F32_CONST) return at + 5
  if (opcode === F64_CONST) return at + 9
  if (opcode === PREFIX) return pastLebs(code, at + 2, numbersOf(PREFIXED[code[at + 1]!], opcode))
  return pastLebs(code, at + 1, numbersOf(NUMBERS[opcode], opcode))
}

/** How many numbers in LEB128 stand behind an instruction; types and labels are such numbers too. */
const NUMBERS: readonly (number | undefined)[] = Array.from({ length: 256 }, (_, opcode) => {
  const isIn = (first: number, last: number): boolean => opcode >= first && opcode <= last
  if (isIn(0x28, 0x3e) || opcode === 0x11) return 2
  if (isIn(BLOCK, IF) || isIn(0x0c, 0x0d) || opcode === 0x10 || isIn(0x20, 0x26) || isIn(0x3f, 0x42)) return 1
  if (opcode === 0xd0 || opcode === 0xd2) return 1
  if (isIn(0x00, 0x01) || opcode === 0x05 || opcode === END || opcode === 0x0f || isIn(0x1a, 0x1b)) return 0
  return isIn(0x45, 0xc4) || opcode === 0xd1 ? 0 : undefined
})

function numbersOf(known: number | undefined, opcode: number): number {
  if (known === undefined) throw new TypeError(`The module has an instruction that is not known: 0x${opcode.toString(16)}.`)
  return known
}

function pastLebs(code: Uint8Array, from: number, count: number): number {
  let at = from
  for (let left = count; left > 0; left -= 1) {
    while ((code[at]! & 0x80) !== 0) at += 1
    at += 1
  }
  return at
}

/** @returns where a list begins, and how many it holds with those `besides` it */
function pastCount(code: Uint8Array, from: number, besides: number): [at: number, count: number] {
  const { value, endAt } = readLeb(code, from)
  return [endAt, value + besides]
}
