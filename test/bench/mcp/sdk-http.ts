import { randomUUID } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'

/** Serve the SDK's Streamable HTTP transport with JSON answers on a free port, one server per session, and print the port. */
export function serveSdk(newServer: () => Promise<Server | McpServer>): void {
  const sessions = new Map<string, StreamableHTTPServerTransport>()

  const openTransport = async () => {
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      enableJsonResponse: true,
      onsessioninitialized: (id) => void sessions.set(id, transport),
      onsessionclosed: (id) => void sessions.delete(id),
    })
    const server = await newServer()
    // The SDK's own transport misses its own interface under exactOptionalPropertyTypes.
    await server.connect(transport as Transport)
    return transport
  }

  const listener = http.createServer(async (request, response) => {
    const transport = sessions.get(String(request.headers['mcp-session-id'])) ?? (await openTransport())
    await transport.handleRequest(request, response)
  })
  listener.listen(0, '127.0.0.1', () => process.stdout.write(`port ${(listener.address() as AddressInfo).port}\n`))
}
