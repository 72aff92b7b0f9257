import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { ApiModuleSettings } from './api.settings.ts'
import { DOCUMENT_LIMITS } from './document/document-limits.ts'
import type { readDocument } from './document/read-document.ts'
import { type Fetching, fetchDocument } from './fetch-document.ts'
import { readInThread } from './read-in-thread.ts'
import { hashOf, type ReadText } from './stored-version.ts'

/** A thread for it would take longer to start than such a document to read, whatever stands in it. */
const SMALL_CHARS = 4_000

/** Where a document comes from: one of the two. */
export interface DocumentSource {
  readonly document?: string | undefined
  readonly url?: string | undefined
}

/**
 * Read an OpenAPI document that was sent, or that an address leads to.
 *
 * @throws Fault `invalid` for what is no such document, `too_large`, or why it could not be fetched
 */
export async function readApi(
  house: House<ApiModuleSettings>,
  { document, url }: DocumentSource,
  fetching: Fetching,
): Promise<ReadText> {
  if ((document === undefined) === (url === undefined)) throw oneOfTwo()
  const { text, url: base } = document === undefined ? await fetchDocument(house, url!, fetching) : { text: document, url: null }
  const order = { text, url: base, limits: { ...DOCUMENT_LIMITS, sizeBytes: house.settings.maxDocumentBytes } }
  const parts = new Map<string, string>()
  const fetchPart = async (address: string): Promise<string> => {
    const part = await fetchDocument(house, address, fetching)
    parts.set(address, part.text)
    return part.text
  }
  const read = await (text.length <= SMALL_CHARS
    ? readHere(text, { ...order, fetchPart })
    : readInThread(order, fetchPart, fetching.signal))
  return { text, document: read, hash: hashOf(text, parts), url: url ?? null }
}

/** Two readers of YAML come with it, which a gateway without new APIs need not load. */
const readHere: typeof readDocument = async (...order) => (await import('./document/read-document.ts')).readDocument(...order)

function oneOfTwo(): Fault {
  const message = 'Send either the document itself or its url'
  return new Fault('invalid', `${message}.`, { details: [{ path: '/document', message }] })
}
