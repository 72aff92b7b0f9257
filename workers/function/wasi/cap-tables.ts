import { capLimits } from './cap-limits.ts'
import { bodyOf, readLeb, SECTION, withBody, writeLeb } from './section.ts'

/** Tables lie outside the module's memory, eight bytes an entry. Compilers make one, with an entry for each function whose address is taken. */
const MAX_TABLES = 4
const MAX_ENTRIES = 100_000
/** funcref, externref (specification 5.3.3). */
const REFERENCES = [0x70, 0x6f]

/** A module whose tables stay small. @throws TypeError for too many, too large, or ones of a kind that we do not know */
export function capTables(module: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const body = bodyOf(module, SECTION.table)
  if (!body) return module
  const count = readLeb(body, 0)
  if (count.value > MAX_TABLES) throw new TypeError(`The module has ${count.value} tables; ${MAX_TABLES} are allowed.`)
  const written = writeLeb(count.value)
  let at = count.endAt
  for (let index = 0; index < count.value; index += 1) {
    const kind = body[at]!
    if (!REFERENCES.includes(kind)) throw new TypeError('The module has a table of a kind that is not supported.')
    const { min, limits, endAt } = capLimits(body, at + 1, MAX_ENTRIES)
    if (min > MAX_ENTRIES) throw new TypeError(`The module has a table of ${min} entries; ${MAX_ENTRIES} are allowed.`)
    written.push(kind, ...limits)
    at = endAt
  }
  return withBody(module, SECTION.table, written)
}
