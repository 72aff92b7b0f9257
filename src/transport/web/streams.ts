import type { ServerResponse } from 'node:http'
import type { Caller } from '../../contract/caller.ts'
import type { Topic } from '../../contract/house.ts'

/** Streams of one person; a further one closes the oldest. */
const MAX_PER_CALLER = 12

/** Streams of all together; a further one is refused. */
const MAX_STREAMS = 500

/** A reader that lets this many bytes pile up is gone or too slow; it reconnects by itself. */
const MAX_BACKLOG_BYTES = 65_536

/** One open event stream (WHATWG HTML, server-sent events) of a browser tab. */
interface Stream {
  readonly caller: Caller
  readonly session: string | undefined
  readonly response: ServerResponse
  /** What the person may hear of; judged by the rights with which the stream was opened. */
  readonly hears: (topic: Topic) => boolean
}

/** The event streams that are open. */
export interface Streams {
  /** @returns whether there was room */
  add(stream: Stream): boolean
  /** Tell every tab that may hear of it that something changed; what has changed, it asks the page. */
  announce(topic: Topic): void
  /** End the streams of one session, or all. */
  close(session?: string): void
  /** End the streams of one user, or of all; the browsers come back with the rights that hold now. */
  renew(userId: number | undefined): void
  /** Keep connections open through proxies, and end those of sessions that are no longer live. */
  keepAlive(isLive: (stream: Stream) => Promise<boolean>): Promise<void>
  readonly size: number
}

/** Bounded in number and backlog; a stream leaves when its connection closes. */
export function createStreams(): Streams {
  const streams = new Set<Stream>()
  const end = (stream: Stream) => {
    streams.delete(stream)
    stream.response.end()
  }
  const write = (stream: Stream, text: string) => {
    if (stream.response.writableLength > MAX_BACKLOG_BYTES) end(stream)
    else stream.response.write(text)
  }
  return {
    add(stream) {
      const own = [...streams].filter((one) => one.caller.id === stream.caller.id)
      if (own.length >= MAX_PER_CALLER) end(own[0]!)
      if (streams.size >= MAX_STREAMS) return false
      streams.add(stream)
      stream.response.once('close', () => streams.delete(stream))
      return true
    },
    announce(topic) {
      for (const stream of [...streams]) if (stream.hears(topic)) write(stream, `event: ${topic}\ndata: {}\n\n`)
    },
    close(session) {
      for (const stream of [...streams]) if (session === undefined || stream.session === session) end(stream)
    },
    renew(userId) {
      for (const stream of [...streams]) if (userId === undefined || stream.caller.userId === userId) end(stream)
    },
    async keepAlive(isLive) {
      for (const stream of [...streams]) {
        if (await isLive(stream)) write(stream, ': keep-alive\n\n')
        else end(stream)
      }
    },
    get size() {
      return streams.size
    },
  }
}
