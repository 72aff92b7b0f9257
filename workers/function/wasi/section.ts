/** A part of a WASM module. */
interface Section {
  readonly id: number
  /** Where it begins, where its body begins, and where both end. */
  readonly at: number
  readonly bodyAt: number
  readonly endAt: number
}

const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]

/** The sections of a module in their order (WebAssembly core specification 2.0, 5.5.2). @throws TypeError for what is no module */
export function sectionsOf(module: Uint8Array): readonly Section[] {
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
