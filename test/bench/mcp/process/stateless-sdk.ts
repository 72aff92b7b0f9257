import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler, Server } from '@modelcontextprotocol/server'

/** The echo upstream of the stateless era, built with the SDK's handler as its documentation has it, with low-level handlers, its fastest way. */
const TOOL = {
  name: 'echo',
  description: 'Say it again.',
  inputSchema: { type: 'object' as const, properties: { text: { type: 'string' } } },
}

const handler = createMcpHandler(() => {
  const server = new Server({ name: 'echo', version: '1.0.0' }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => ({ tools: [TOOL] }))
  server.setRequestHandler('tools/call', ({ params }) => ({
    content: [{ type: 'text', text: String(params.arguments?.['text']) }],
  }))
  return server
})

// The SDK declares optional fields that Node's own interface does not take under exactOptionalPropertyTypes.
const listener = http.createServer(toNodeHandler(handler) as unknown as http.RequestListener)
listener.listen(0, '127.0.0.1', () => process.stdout.write(`port ${(listener.address() as AddressInfo).port}\n`))
