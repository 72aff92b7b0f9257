import { Worker } from 'node:worker_threads'
import { Fault, type FaultCode, type FaultDetail } from '../../contract/fault.ts'
import type { ApiDocument } from './document/api-document.ts'
import type { DocumentLimits } from './document/document-limits.ts'

/** What a thread reads. */
export interface ReadingOrder {
  readonly text: string
  readonly url: string | null
  readonly limits: DocumentLimits
}

/** What the thread says. */
export type FromThread =
  | { readonly kind: 'fetch'; readonly url: string }
  | { readonly kind: 'read'; readonly document: ApiDocument }
  | { readonly kind: 'refused'; readonly code: FaultCode; readonly message: string; readonly details: readonly FaultDetail[] }

/** What it is answered. */
export type ToThread = { readonly url: string; readonly text: string } | { readonly url: string; readonly fault: string }

const THREAD = new URL(`./reading-thread${import.meta.url.slice(-3)}`, import.meta.url)
/** No honest document takes longer, in ms. */
const LIMIT_MS = 45_000
const HEAP_MB = 768

/** Each may take as much memory as `HEAP_MB`, and a core. */
const AT_ONCE = 2

let running = 0
const waiting: (() => void)[] = []

/**
 * Read a document in a thread of its own: a large one takes seconds of computing, and a hostile one as many as it is given.
 *
 * @throws Fault as `readDocument`; `too_large` where it takes more time or memory than any honest one
 */
export async function readInThread(
  order: ReadingOrder,
  fetchPart: (url: string) => Promise<string>,
  signal: AbortSignal,
): Promise<ApiDocument> {
  if (running < AT_ONCE) running += 1
  else await new Promise<void>((resolve) => waiting.push(resolve))
  try {
    signal.throwIfAborted()
    return await read(order, fetchPart, signal)
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

function read(order: ReadingOrder, fetchPart: (url: string) => Promise<string>, signal: AbortSignal): Promise<ApiDocument> {
  const { promise, resolve, reject } = Promise.withResolvers<ApiDocument>()
  const thread = new Worker(THREAD, { workerData: order, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } })
  const answer = async (url: string): Promise<void> => {
    const message = await fetchPart(url).then(
      (text): ToThread => ({ url, text }),
      (thrown: unknown): ToThread => ({ url, fault: Fault.from(thrown).message }),
    )
    thread.postMessage(message)
  }
  thread.on('message', (message: FromThread) => {
    if (message.kind === 'fetch') void answer(message.url)
    else if (message.kind === 'read') resolve(message.document)
    else reject(new Fault(message.code, message.message, { details: message.details }))
  })
  thread.on('error', (cause: Error & { code?: string }) =>
    reject(cause.code === 'ERR_WORKER_OUT_OF_MEMORY' ? tooMuch(cause) : cause),
  )
  thread.on('exit', () => reject(tooMuch(undefined)))
  const late = setTimeout(() => reject(tooMuch(undefined)), LIMIT_MS)
  const stop = (): void => reject(signal.reason)
  signal.addEventListener('abort', stop)
  return promise.finally(async () => {
    clearTimeout(late)
    signal.removeEventListener('abort', stop)
    await thread.terminate()
  })
}

const tooMuch = (cause: unknown): Fault =>
  new Fault('too_large', 'Reading the document takes more time or memory than is given to one. Register a smaller part of it.', {
    cause,
  })
