import { parentPort, workerData } from 'node:worker_threads'
import { Fault } from '../../contract/fault.ts'
import { readDocument } from './document/read-document.ts'
import type { FromThread, ReadingOrder, ToThread } from './read-in-thread.ts'

const { text, url, limits } = workerData as ReadingOrder
const port = parentPort!
const send = (message: FromThread): void => port.postMessage(message)
const waiting = new Map<string, PromiseWithResolvers<string>>()

port.on('message', (message: ToThread) => {
  const asked = waiting.get(message.url)
  if ('text' in message) asked?.resolve(message.text)
  else asked?.reject(new Fault('upstream', message.fault))
})

function fetchPart(part: string): Promise<string> {
  const asked = Promise.withResolvers<string>()
  waiting.set(part, asked)
  send({ kind: 'fetch', url: part })
  return asked.promise
}

try {
  send({ kind: 'read', document: await readDocument(text, { url, fetchPart, limits }) })
} catch (thrown) {
  if (!(thrown instanceof Fault)) throw thrown
  const { code, message, details } = thrown
  send({ kind: 'refused', code, message, details })
}
// Otherwise the open port would keep the thread for ever.
port.close()
