import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'

/** The same echo upstream as most servers are built: with the SDK's `McpServer`, which judges arguments by a schema. */
const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'echo', version: '1.0.0' })
  server.registerTool('echo', { description: 'Say it again.', inputSchema: z.object({ text: z.string() }) }, ({ text }) => ({
    content: [{ type: 'text', text }],
  }))
  return server
})

// The SDK declares optional fields that Node's own interface does not take under exactOptionalPropertyTypes.
const listener = http.createServer(toNodeHandler(handler) as unknown as http.RequestListener)
listener.listen(0, '127.0.0.1', () => process.stdout.write(`port ${(listener.address() as AddressInfo).port}\n`))
