import { createLineSplitter, type LineSplitter } from './line-splitter.ts'

/** What a stream of server-sent events is cut into (WHATWG HTML, 9.2.6). */
export interface EventListener {
  /** @param name default `message` */
  event(data: string, name: string): void
  /** Where to resume, as the server last said. */
  id(id: string): void
  /** How long the server wants us to wait before we reconnect. */
  retry(retryMs: number): void
  overflow(): void
}

/** Parse `text/event-stream` as it comes. */
export function createEventStream(maxEventBytes: number, listener: EventListener): LineSplitter {
  let data: string[] = []
  let sizeBytes = 0
  let event = 'message'

  const dispatch = (): void => {
    const text = data.length === 1 ? data[0]! : data.join('\n')
    const named = event
    data = []
    sizeBytes = 0
    event = 'message'
    // A priming event has an id and empty data.
    if (text !== '') listener.event(text, named)
  }
  const field = (name: string, value: string): void => {
    if (name === 'data') {
      // Empty lines count as well: they are kept.
      sizeBytes += value.length + 1
      if (sizeBytes > maxEventBytes) listener.overflow()
      else data.push(value)
    } else if (name === 'event') event = value
    else if (name === 'id' && !value.includes('\0')) listener.id(value)
    else if (name === 'retry' && /^\d{1,9}$/.test(value)) listener.retry(Number(value))
  }
  const splitter = createLineSplitter(maxEventBytes, {
    line(raw) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw
      if (line === '') return dispatch()
      const colon = line.indexOf(':')
      if (colon === 0) return
      if (colon === -1) return field(line, '')
      field(line.slice(0, colon), line.slice(line.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1))
    },
    overflow: () => listener.overflow(),
  })
  return splitter
}
