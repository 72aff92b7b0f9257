import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { expect } from 'vitest'

/** An HTTP answer, read to its end. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON. */
  readonly json: any // any: tests look into every shape of answer
  /** The messages of an event stream. */
  readonly events: readonly any[] // any: as above
}

type Headers = Readonly<Record<string, string | undefined>>

interface RawRequest {
  readonly method?: string
  /** Sent as it is when it is a text, as JSON otherwise. */
  readonly body?: unknown
  /** Over the usual ones; `undefined` takes one away. */
  readonly headers?: Headers
}

/** What every well-behaved client sends. */
const USUAL: Headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }

/** Send one raw request; the connection is not kept. */
export function send(
  url: string,
  token: string | undefined,
  { method = 'POST', body, headers = {} }: RawRequest = {},
): Promise<IncomingMessage> {
  const all = { ...USUAL, ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers }
  const payload = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url, {
      method,
      agent: false,
      headers: {
        ...Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)),
        ...(payload !== undefined && { 'content-length': Buffer.byteLength(payload) }),
      },
    })
    outgoing.once('response', resolve).once('error', reject).end(payload)
  })
}

/** Send one raw request and hang up when told to, without having read anything. */
export function sendAndHangUp(url: string, token: string, body: object, headers: Headers): { readonly hangUp: () => void } {
  const all = Object.entries({ ...USUAL, authorization: `Bearer ${token}`, ...headers })
  const outgoing = httpRequest(url, { method: 'POST', agent: false, headers: Object.fromEntries(all) as OutgoingHttpHeaders })
  outgoing.on('error', () => {}).end(JSON.stringify(body))
  return { hangUp: () => void outgoing.destroy() }
}

/** Send one raw request and read the whole answer. */
export async function ask(url: string, token: string | undefined, options: RawRequest = {}): Promise<RawAnswer> {
  const incoming = await send(url, token, options)
  incoming.setEncoding('utf8')
  let text = ''
  for await (const chunk of incoming) text += chunk
  const isJson = incoming.headers['content-type']?.startsWith('application/json') ?? false
  return {
    status: incoming.statusCode!,
    headers: incoming.headers,
    text,
    json: isJson ? JSON.parse(text) : undefined,
    events: incoming.headers['content-type'] === 'text/event-stream' ? readEvents(text) : [],
  }
}

/** The messages in a piece of an event stream; comments are left out. */
const readEvents = (text: string): unknown[] =>
  text
    .split('\n\n')
    .flatMap((frame) => /^data: (.*)$/m.exec(frame)?.[1] ?? [])
    .map((data) => JSON.parse(data))

/** The message that begins a session. */
export const hello = (revision = '2025-11-25', capabilities: object = {}): object => ({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: revision, capabilities, clientInfo: { name: 'test', version: '1' } },
})

/** A session of a raw client. */
export interface RawSession {
  readonly id: string
  /** Send one message, or an array of them, in the session. */
  post(body: unknown, headers?: Headers): Promise<RawAnswer>
  /** Send a request and return its JSON-RPC response, whichever way it comes. */
  request(method: string, params?: object, id?: string | number): Promise<any> // any: as above
  /** Open the standing stream. */
  listen(headers?: Headers): Promise<Listener>
  end(): Promise<RawAnswer>
}

/** Begin a session the way a client does: `initialize`, then `notifications/initialized`. */
export async function connect(
  url: string,
  token: string,
  revision = '2025-11-25',
  capabilities: object = {},
): Promise<RawSession> {
  const answer = await ask(url, token, { body: hello(revision, capabilities) })
  expect(answer.status, answer.text).toBe(200)
  const id = answer.headers['mcp-session-id'] as string
  const headersWith = (more: Headers = {}): Headers => ({ 'mcp-session-id': id, 'mcp-protocol-version': revision, ...more })
  const post: RawSession['post'] = (body, headers) => ask(url, token, { body, headers: headersWith(headers) })
  const ready = await post({ jsonrpc: '2.0', method: 'notifications/initialized' })
  expect(ready.status).toBe(202)
  let lastId = 0
  return {
    id,
    post,
    async request(method, params, requestId) {
      lastId += 1
      const answered = await post({ jsonrpc: '2.0', id: requestId ?? lastId, method, ...(params && { params }) })
      return answered.json ?? answered.events.at(-1)
    },
    listen: async (headers) =>
      new Listener(await send(url, token, { method: 'GET', headers: headersWith({ 'content-type': undefined, ...headers }) })),
    end: () => ask(url, token, { method: 'DELETE', headers: headersWith({ 'content-type': undefined }) }),
  }
}

/** Reads an event stream as it comes. */
export class Listener {
  readonly response: IncomingMessage
  /** Everything that came so far, as text. */
  text = ''
  ended = false

  constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      this.text += chunk
    })
    response.on('close', () => {
      this.ended = true
    })
  }

  get events(): unknown[] {
    return readEvents(this.text)
  }

  /** Go away without a word. */
  hangUp(): void {
    this.response.destroy()
  }
}
