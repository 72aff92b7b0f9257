import { Buffer } from 'node:buffer'
import { longWorkIn } from './instructions.ts'
import { bodyOf, readLeb, SECTION, withBody, writeLeb } from './section.ts'

/** Who is asked now and then whether to go on, and when. */
export interface Meter {
  /** A function without parameters that the module imports, and which returns a number. It ends the work by throwing. */
  readonly question: string
  /** Turns of loops between two questions. At most 8 191. */
  readonly turns: number
  /** Loops that choose among so many ways or more are left out: an interpreter's own, which looks at the time by itself. */
  readonly interpreterWays: number
}

/** Bytes of memory that count as one turn, as a power of two. */
const BULK_SHIFT = 6

/** Codes of the specification, 5.3 and 5.4. */
const IF = 0x04
const END = 0x0b
const CALL = 0x10
const DROP = 0x1a
const GET = 0x23
const SET = 0x24
const CONST = 0x41
const IS_BELOW = 0x48
const SUBTRACT = 0x6b
const SHIFT = 0x76
const NOTHING = 0x40
const I32 = 0x7f
const MUTABLE = 0x01
const FUNCTION = 0x60

/**
 * A module that asks now and then whether to go on, from whatever loop it is in.
 *
 * Each turn of a loop and each copying of memory counts down a global that is added, and once that is below zero the question is asked. So what
 * never ends can be ended without another thread that keeps the time: to start one takes longer than most functions do.
 *
 * @throws TypeError for a module that imports no such function, or has instructions that are not known
 */
export function meterModule(module: Uint8Array<ArrayBuffer>, meter: Meter): Uint8Array<ArrayBuffer> {
  const globals = bodyOf(module, SECTION.global)
  const code = bodyOf(module, SECTION.code)
  if (!globals || !code) throw new TypeError('The module has no globals or no code.')
  const count = readLeb(globals, 0)
  const fresh = [I32, MUTABLE, CONST, 0, END]
  const moreGlobals = [...writeLeb(count.value + 2), ...globals.subarray(count.endAt), ...fresh, ...fresh]
  const metered = meterCode(code, stepsOf(importedFunction(module, meter.question), count.value, meter), meter.interpreterWays)
  return withBody(withBody(module, SECTION.global, moreGlobals), SECTION.code, metered)
}

/** What is put into the code. */
interface Steps {
  /** At the beginning of a loop's body. */
  readonly loop: Uint8Array
  /** Before an instruction whose count of bytes is on top of the stack. */
  readonly bulk: Uint8Array
}

function stepsOf(question: number, globals: number, { turns }: Meter): Steps {
  const left = writeLeb(globals)
  const bytes = writeLeb(globals + 1)
  // A number that is signed has room for six bits in its last byte.
  const limit = [(turns & 0x7f) | 0x80, turns >> 7]
  const ask = [
    GET,
    ...left,
    CONST,
    0,
    IS_BELOW,
    IF,
    NOTHING,
    CALL,
    ...writeLeb(question),
    DROP,
    CONST,
    ...limit,
    SET,
    ...left,
    END,
  ]
  const take = [SUBTRACT, SET, ...left, ...ask]
  const size = [GET, ...bytes, CONST, BULK_SHIFT, SHIFT]
  return {
    loop: Uint8Array.from([...ask, GET, ...left, CONST, 1, SUBTRACT, SET, ...left]),
    bulk: Uint8Array.from([SET, ...bytes, GET, ...left, ...size, ...take, GET, ...bytes]),
  }
}

function meterCode(code: Uint8Array, steps: Steps, interpreterWays: number): Uint8Array {
  const count = readLeb(code, 0)
  const parts: Uint8Array[] = [code.subarray(0, count.endAt)]
  for (let at = count.endAt, index = 0; index < count.value; index += 1) {
    const size = readLeb(code, at)
    const endAt = size.endAt + size.value
    const pieces = meterFunction(code.subarray(size.endAt, endAt), steps, interpreterWays)
    const bytes = pieces.reduce((sum, { length }) => sum + length, 0)
    parts.push(Uint8Array.from(writeLeb(bytes)), ...pieces)
    at = endAt
  }
  return Buffer.concat(parts)
}

function meterFunction(body: Uint8Array, steps: Steps, interpreterWays: number): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let done = 0
  for (const { kind, at, widest } of longWorkIn(body, pastLocals(body))) {
    if (widest >= interpreterWays) continue
    pieces.push(body.subarray(done, at), steps[kind])
    done = at
  }
  return [...pieces, body.subarray(done)]
}

/** Locals stand before the code: how many, and of what type. */
function pastLocals(body: Uint8Array): number {
  const groups = readLeb(body, 0)
  let at = groups.endAt
  for (let left = groups.value; left > 0; left -= 1) at = readLeb(body, at).endAt + 1
  return at
}

/** The index of an imported function `() => i32`. */
function importedFunction(module: Uint8Array, name: string): number {
  const imports = bodyOf(module, SECTION.import) ?? Uint8Array.of(0)
  const count = readLeb(imports, 0)
  let at = count.endAt
  for (let index = 0; index < count.value; index += 1) {
    const space = readLeb(imports, at)
    const field = readLeb(imports, space.endAt + space.value)
    const kindAt = field.endAt + field.value
    // Anything but functions would have to be counted apart.
    if (imports[kindAt] !== 0) break
    const type = readLeb(imports, kindAt + 1)
    const isIt = Buffer.from(imports.subarray(field.endAt, kindAt)).toString() === name
    if (isIt && isQuestion(module, type.value)) return index
    at = type.endAt
  }
  throw new TypeError(`The module does not import ${name} as a function that takes nothing and returns a number.`)
}

function isQuestion(module: Uint8Array, type: number): boolean {
  const types = bodyOf(module, SECTION.type) ?? Uint8Array.of(0)
  let at = readLeb(types, 0).endAt
  for (let left = type; left > 0; left -= 1) at = pastTypes(types, pastTypes(types, at + 1))
  return [FUNCTION, 0, 1, I32].every((byte, index) => types[at + index] === byte)
}

function pastTypes(types: Uint8Array, at: number): number {
  const { value, endAt } = readLeb(types, at)
  return endAt + value
}
