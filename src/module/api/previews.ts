import { randomUUID } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { Fault } from '../../contract/fault.ts'
import type { ReadText } from './stored-version.ts'

/** How long a document is kept between its preview and its registration, in ms. */
const KEPT_MS = 3_600_000
const MAX_PREVIEWS = 50
/** What was read from a text takes about four times its memory. */
const WEIGHT = 4
/** Of all that is kept, in characters; beyond, the oldest go. */
const MAX_CHARS = 134_217_728

/** Documents that somebody looks at before they register them. */
export interface Previews {
  put(callerId: string, read: ReadText): string
  /** @throws Fault `not_found` for one that is kept no longer, or is somebody else's */
  get(callerId: string, id: string): ReadText
}

/** None yet. They are kept in memory alone. */
export function createPreviews(): Previews {
  const kept = new LRUCache<string, { readonly callerId: string; readonly read: ReadText }>({
    max: MAX_PREVIEWS,
    maxSize: MAX_CHARS,
    ttl: KEPT_MS,
    sizeCalculation: ({ read }) => WEIGHT * read.text.length + 1,
  })
  return {
    put(callerId, read) {
      const id = randomUUID()
      kept.set(id, { callerId, read })
      return id
    },
    get(callerId, id) {
      const found = kept.get(id)
      if (found?.callerId === callerId) return found.read
      throw new Fault(
        'not_found',
        'This preview is kept no longer: they last an hour, and not over a restart. Send the document, or its address, again.',
      )
    },
  }
}
