import type { RawConnection } from './raw-connection.ts'
import { statelessSession } from './stateless-session.ts'

/** What the load is aimed at. */
export interface Target {
  /** MCP endpoint over plain HTTP on loopback. */
  readonly url: string
  /** Bearer token, where one is asked for. */
  readonly token?: string
  /** Name of the echo tool there. */
  readonly tool: string
  /** Default session. */
  readonly era?: 'session' | 'stateless'
}

/** One MCP session, one call in flight. */
export interface McpSession {
  /** Calls the echo tool. @throws Error unless exactly what was sent came back */
  call(): Promise<void>
  /** Opens the standing stream on a connection of its own. @throws Error when the server refuses */
  listen(stream: RawConnection): Promise<void>
  /** Ends the session at the server; the connection stays open. */
  end(): Promise<void>
}

const PROTOCOL_VERSION = '2025-06-18'
/** With its number in front the text is about 120 bytes long. */
const FILLER = 'hello '.repeat(18)
const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo: { name: 'gatehouse-bench', version: '1' } },
})
let opened = 0

/** Initialize and confirm, where there are sessions. @throws Error when the server refuses */
export async function openSession(connection: RawConnection, target: Target): Promise<McpSession> {
  const head = headFor(target)
  if (target.era === 'stateless') return statelessSession(connection, head, target)
  const first = await connection.send(`POST ${head}`, INITIALIZE)
  const sessionId = /^mcp-session-id: *(\S+)/im.exec(first.head)?.[1]
  if (first.status !== 200 || sessionId === undefined)
    throw new Error(`initialize answered ${first.status}: ${first.body.slice(0, 300)}`)

  const bound = `${head}mcp-session-id: ${sessionId}\r\nmcp-protocol-version: ${PROTOCOL_VERSION}\r\n`
  const confirmed = await connection.send(`POST ${bound}`, '{"jsonrpc":"2.0","method":"notifications/initialized"}')
  if (confirmed.status !== 202)
    throw new Error(`notifications/initialized answered ${confirmed.status}: ${confirmed.body.slice(0, 300)}`)
  return {
    listen: (stream) => stream.listen(`GET ${bound.replace('application/json, ', '')}`),
    call: echoCaller(connection, `POST ${bound}`, target.tool),
    end: async () => void (await connection.send(`DELETE ${bound}`, '')),
  }
}

function headFor({ url, token }: Target): string {
  const { pathname, host } = new URL(url)
  const authorization = token === undefined ? '' : `authorization: Bearer ${token}\r\n`
  return `${pathname} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n${authorization}`
}

function echoCaller(connection: RawConnection, head: string, tool: string): () => Promise<void> {
  const session = opened++
  let id = 0
  return async () => {
    id += 1
    // Differs in every call, so that a reply handed to the wrong caller is an error and not a good number.
    const text = `s${session}c${id} ${FILLER}`
    const body = `{"jsonrpc":"2.0","id":${id},"method":"tools/call","params":{"name":"${tool}","arguments":{"text":"${text}"}}}`
    const answer = await connection.send(head, body)
    if (answer.status !== 200 || !answer.body.includes(`"${text}"`) || answer.body.includes('"isError":true')) {
      throw new Error(`${tool} answered ${answer.status}: ${answer.body.slice(0, 300)}`)
    }
  }
}
