import { apiLane } from '../../../queue/api.lane.ts'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { ApiModuleSettings } from './api.settings.ts'

/** For whom a document is fetched. */
export interface Fetching {
  /** Whose turn in the lane it takes. */
  readonly place: string
  readonly signal: AbortSignal
}

/** A document, and where it came from in the end, redirects followed. */
interface Fetched {
  readonly text: string
  readonly url: string
}

/** How long the lane waits beyond the fetch's own deadline, in ms. */
const GRACE_MS = 2_000

/**
 * Get the text at an address, in the lane of APIs, so that the egress rules hold.
 *
 * @throws Fault `blocked` by these, `upstream` for an answer that is no document, `too_large`, `timeout`, `unavailable`
 */
export async function fetchDocument(house: House<ApiModuleSettings>, url: string, { place, signal }: Fetching): Promise<Fetched> {
  const { fetchTimeoutMs: timeoutMs, maxDocumentBytes } = house.settings
  const payload = { kind: 'fetch', url, timeoutMs, maxAnswerBytes: maxDocumentBytes } as const
  const options = { token: place, signal, timeoutMs: timeoutMs + GRACE_MS, maxAttempts: 2 }
  const { status, body, isCut, url: last } = await house.queue.run(apiLane, payload, options)
  const { host } = new URL(url)
  if (status >= 400) throw new Fault('upstream', `${host} answered ${status} instead of the document. Check its address.`)
  if (isCut) throw new Fault('too_large', `The document at ${host} has more than ${maxDocumentBytes} bytes.`)
  if (body.kind === 'text' && body.text !== '') return { text: body.text, url: last ?? url }
  throw new Fault('upstream', `${host} answered ${status} with nothing in it. Check the address of the document.`)
}
