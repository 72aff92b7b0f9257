import { capLimits } from './cap-limits.ts'
import { bodyOf, readLeb, SECTION, withBody } from './section.ts'

/** Bytes of a page of WASM memory. */
export const PAGE_BYTES = 65_536

/**
 * A module whose one memory cannot grow beyond so many pages: the maximum of its memory section is written anew.
 *
 * @throws TypeError naming what is wrong: no module, no memory or several, shared or 64-bit memory, a minimum above the cap
 */
export function capMemory(module: Uint8Array, maxPages: number): Uint8Array<ArrayBuffer> {
  const body = bodyOf(module, SECTION.memory)
  if (!body) throw new TypeError('The module has no memory of its own.')
  const count = readLeb(body, 0)
  if (count.value !== 1) throw new TypeError('The module has to have one memory.')
  const { min, limits } = capLimits(body, count.endAt, maxPages)
  if (min > maxPages) {
    throw new TypeError(
      `The module needs ${min * PAGE_BYTES} bytes of memory to begin with, but the function may have ${maxPages * PAGE_BYTES}.`,
    )
  }
  return withBody(module, SECTION.memory, [1, ...limits])
}
