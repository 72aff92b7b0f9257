import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { serveSdk } from '../sdk-http.ts'

const upstreamUrl = process.argv[2] ?? ''

/** A gateway as one would write it in an afternoon: an SDK server in front, an SDK client behind, a pair of them per session. */
serveSdk(async () => {
  const client = new Client({ name: 'naive-hop', version: '1.0.0' })
  await client.connect(new StreamableHTTPClientTransport(new URL(upstreamUrl)) as Transport)
  const server = new Server({ name: 'naive-hop', version: '1.0.0' }, { capabilities: { tools: {} } })
  server.setRequestHandler(ListToolsRequestSchema, ({ params }) => client.listTools(params))
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => client.callTool(params))
  server.onclose = () => void client.close()
  return server
})
