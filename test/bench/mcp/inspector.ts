import { once } from 'node:events'
import type { Child } from '../child.ts'

/** A Node process looked at from outside, through its inspector (`--inspect=127.0.0.1:0`). */
export interface Inspector {
  /** Ask for something of the Chrome DevTools Protocol. @throws Error when it is refused */
  ask(method: string, params?: object): Promise<Record<string, unknown>>
  close(): void
}

interface Reply {
  readonly id?: number
  readonly result?: Record<string, unknown>
  readonly error?: { readonly message: string }
}

/** Connect to a child that was started with an inspector port of its own choice. */
export async function inspect(child: Child): Promise<Inspector> {
  const [url] = await child.line(/ws:\/\/127\.0\.0\.1:\d+\/[\w-]+/)
  const socket = new WebSocket(url)
  await once(socket, 'open')
  const waiting = new Map<number, (reply: Reply) => void>()
  socket.addEventListener('message', ({ data }) => {
    const reply = JSON.parse(String(data)) as Reply
    if (reply.id !== undefined) waiting.get(reply.id)?.(reply)
  })
  let lastId = 0
  return {
    async ask(method, params = {}) {
      const id = ++lastId
      const answered = new Promise<Reply>((resolve) => waiting.set(id, resolve))
      socket.send(JSON.stringify({ id, method, params }))
      const { result, error } = await answered
      waiting.delete(id)
      if (result === undefined) throw new Error(`${method}: ${error?.message}`)
      return result
    },
    close: () => socket.close(),
  }
}

/** Bytes of heap in use after everything that can go has gone. */
export async function heapAfterGc(inspector: Inspector): Promise<number> {
  // Twice, because what finalizers let go of is only found by the next collection.
  await inspector.ask('HeapProfiler.collectGarbage')
  await inspector.ask('HeapProfiler.collectGarbage')
  return Number((await inspector.ask('Runtime.getHeapUsage'))['usedSize'])
}
