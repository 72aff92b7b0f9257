/** One HTTP answer, as far as the load generator looks at it. */
export interface RawAnswer {
  readonly status: number
  /** Status line and headers as they came. */
  readonly head: string
  /** Bytes as latin1 text, chunks joined. */
  readonly body: string
  /** How much of the input it took. */
  readonly length: number
}

const CHUNKED = /^transfer-encoding: *chunked/im

interface Body {
  readonly text: string
  readonly end: number
}

/** The first answer in what was received, or `undefined` while some of it is missing (RFC 9112 section 6). */
export function answerIn(received: string): RawAnswer | undefined {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const head = received.slice(0, headEnd)
  const body = CHUNKED.test(head) ? chunked(received, headEnd + 4) : sized(received, headEnd + 4, head)
  return body && { status: Number(head.slice(9, 12)), head, body: body.text, length: body.end }
}

function sized(received: string, start: number, head: string): Body | undefined {
  const end = start + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0)
  return received.length < end ? undefined : { text: received.slice(start, end), end }
}

function chunked(received: string, start: number): Body | undefined {
  let text = ''
  for (let at = start; ; ) {
    const lineEnd = received.indexOf('\r\n', at)
    if (lineEnd < 0) return undefined
    const sizeBytes = Number.parseInt(received.slice(at, lineEnd), 16)
    at = lineEnd + 2 + sizeBytes + 2
    if (received.length < at) return undefined
    if (sizeBytes === 0) return { text, end: at }
    text += received.slice(lineEnd + 2, at - 2)
  }
}
