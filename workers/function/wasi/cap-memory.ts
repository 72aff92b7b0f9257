import { Buffer } from 'node:buffer'
import { readLeb, sectionsOf, writeLeb } from './section.ts'

/** Bytes of a page of WASM memory. */
export const PAGE_BYTES = 65_536

const MEMORY_SECTION = 5

/**
 * A module whose one memory cannot grow beyond so many pages: the maximum of its memory section is written anew.
 *
 * @throws TypeError naming what is wrong: no module, no memory or several, shared or 64-bit memory, a minimum above the cap
 */
export function capMemory(module: Uint8Array, maxPages: number): Uint8Array<ArrayBuffer> {
  const sections = sectionsOf(module)
  const memory = sections.find(({ id }) => id === MEMORY_SECTION)
  if (!memory) throw new TypeError('The module has no memory of its own.')
  const body = capped(module.subarray(memory.bodyAt, memory.endAt), maxPages)
  const section = Uint8Array.from([MEMORY_SECTION, ...writeLeb(body.length), ...body])
  return Buffer.concat([module.subarray(0, memory.at), section, module.subarray(memory.endAt)])
}

/** WebAssembly core specification 2.0, 5.5.8 and 5.3.7: a count, then flags, minimum and (flag 1) maximum of each. */
function capped(body: Uint8Array, maxPages: number): number[] {
  const count = readLeb(body, 0)
  if (count.value !== 1) throw new TypeError('The module has to have one memory.')
  const flags = body[count.endAt]
  if (flags !== 0 && flags !== 1)
    throw new TypeError('The memory of the module is shared or has 64-bit addresses, which is not supported.')
  const min = readLeb(body, count.endAt + 1)
  const max = flags === 1 ? readLeb(body, min.endAt).value : maxPages
  if (min.value > maxPages) {
    throw new TypeError(
      `The module needs ${min.value * PAGE_BYTES} bytes of memory to begin with, but may have ${maxPages * PAGE_BYTES}.`,
    )
  }
  return [1, 1, ...writeLeb(min.value), ...writeLeb(Math.min(max, maxPages))]
}
