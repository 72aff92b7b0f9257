import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { echoServer } from '../echo-server.ts'

await echoServer().connect(new StdioServerTransport())
