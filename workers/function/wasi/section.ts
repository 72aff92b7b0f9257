import { Buffer } from 'node:buffer'

/** Section ids of the WebAssembly core specification 2.0, 5.5.2. */
export const SECTION = { type: 1, import: 2, table: 4, memory: 5, global: 6, code: 10 } as const

/** A part of a WASM module. */
interface Section {
  readonly id: number
  /** Where it begins, where its body begins, and where both end. */
  readonly at: number
  readonly bodyAt: number
  readonly endAt: number
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

/** The body of a section; undefined where the module has none of that kind. @throws TypeError for what is no module, or has two */
export function bodyOf(module: Uint8Array, id: number): Uint8Array | undefined {
  const section = find(module, id)
  return section && module.subarray(section.bodyAt, section.endAt)
}

/** The module with another body for one of its sections. @throws TypeError where it has no such section */
export function withBody(module: Uint8Array, id: number, body: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const section = find(module, id)
  if (!section) throw new TypeError(`The module has no section ${id}.`)
  const head = Uint8Array.from([id, ...writeLeb(body.length)])
  return Buffer.concat([module.subarray(0, section.at), head, new Uint8Array(body), module.subarray(section.endAt)])
}

function find(module: Uint8Array, id: number): Section | undefined {
  const found = sectionsOf(module).filter((section) => section.id === id)
  if (found.length > 1) throw new TypeError(`The module has ${found.length} sections ${id}.`)
  return found[0]
}

function sectionsOf(module: Uint8Array): readonly Section[] {
  if (!HEADER.every((byte, index) => module[index] === byte))
    throw new TypeError('This is not a WebAssembly module of version 1.')
  const sections: Section[] = []
  for (let at = HEADER.length; at < module.length; at = sections.at(-1)!.endAt) {
    const size = readLeb(module, at + 1)
    const endAt = size.endAt + size.value
    if (endAt > module.length) throw new TypeError('The WebAssembly module ends in the middle of a section.')
    sections.push({ id: module[at]!, at, bodyAt: size.endAt, endAt })
  }
  return sections
}

/** An unsigned number of 32 bits in LEB128 (specification 5.2.2). @throws TypeError where there is none */
export function readLeb(bytes: Uint8Array, at: number): { readonly value: number; readonly endAt: number } {
  let value = 0
  for (let index = 0; index < 5; index += 1) {
    const byte = bytes[at + index]
    if (byte === undefined) break
    value += (byte & 0x7f) * 2 ** (7 * index)
    if ((byte & 0x80) === 0) return { value, endAt: at + index + 1 }
  }
  throw new TypeError('The WebAssembly module has a number that does not end.')
}

/** The same number as bytes. */
export function writeLeb(number: number): number[] {
  const bytes: number[] = []
  for (let rest = number; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest]
    bytes.push((rest % 128) + 128)
  }
}
