import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One HTTP request, and the ways to answer it. */
export interface Talk {
  readonly http: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly id: number
  readonly method: string
  readonly params: Record<string, any>
  /** A message that is an answer of the client. */
  readonly message: Record<string, any>
  result(result: object): void
  error(status: number, code: number, message?: string, data?: unknown): void
  status(status: number): void
  /** Break the connection and answer nothing. */
  hangUp(): void
  /** Begin a stream of events. */
  stream(): Stream
}

interface Stream {
  send(message: object): void
  event(name: string, data: string): void
  end(): void
  /** Break the connection. */
  cut(): void
  readonly closed: Promise<unknown>
}

/** An MCP server over HTTP that does as a test says. */
export interface ScriptedServer {
  readonly url: string
  readonly heard: Talk[]
  /** Responses that have not ended. */
  readonly openCount: number
  stop(): Promise<void>
}

/** @param script is asked for each request; one that it does not answer stays open */
export async function startScripted(script: (talk: Talk) => void): Promise<ScriptedServer> {
  const heard: Talk[] = []
  const open = new Set<ServerResponse>()
  const server = createServer(async (request, response) => {
    open.add(response)
    response.on('close', () => open.delete(response))
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const message = chunks.length === 0 ? {} : JSON.parse(Buffer.concat(chunks).toString())
    const talk = talkOf(message, response, { http: request.method!, path: request.url!, headers: request.headers })
    heard.push(talk)
    script(talk)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    heard,
    get openCount() {
      return open.size
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function talkOf(message: Record<string, any>, response: ServerResponse, request: Pick<Talk, 'http' | 'path' | 'headers'>): Talk {
  const { id, method = '', params = {} } = message
  const json = (status: number, body: object): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, ...body }))
  return {
    ...request,
    id,
    method,
    params,
    message,
    result: (result) => json(200, { result }),
    error: (status, code, text = 'No.', data) => json(status, { error: { code, message: text, data } }),
    status: (status) => void response.writeHead(status).end(),
    hangUp: () => response.destroy(),
    stream() {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      return {
        send: (body) => response.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...body })}\n\n`),
        event: (name, data) => response.write(`event: ${name}\ndata: ${data}\n\n`),
        end: () => response.end(),
        cut: () => response.destroy(),
        closed: once(response, 'close'),
      }
    },
  }
}

/** What a server of the stateless era answers to `server/discover`. */
export const DISCOVERED = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: {} },
  ttlMs: 0,
  cacheScope: 'private',
  instructions: 'Be kind.',
  _meta: { 'io.modelcontextprotocol/serverInfo': { name: 'scripted', version: '1' } },
}

/** What a server of the session era answers to `initialize`. */
export const INITIALIZED = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'scripted', version: '1' },
}
