// An MCP server on stdio with one tool, `count`, that writes down who called it: a side effect that outlives every process.
// Its argument is the file; a line of it is the job's key. `afterMs` keeps the job busy for a while.
import { appendFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const [file] = process.argv.slice(2)
const tool = {
  name: 'count',
  description: 'Writes a key down.',
  inputSchema: {
    type: 'object',
    properties: { key: { type: 'string' }, afterMs: { type: 'integer' } },
    required: ['key', 'afterMs'],
  },
}
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: 'counter', version: '1' },
  }),
  ping: () => ({}),
  'tools/list': () => ({ tools: [tool] }),
}
const write = (id, result) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`)
const refuse = (id) =>
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } })}\n`)

createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line)
  if (id === undefined) return
  if (method in answers) return write(id, answers[method](params))
  if (method !== 'tools/call') return refuse(id)
  const { key, afterMs } = params.arguments
  appendFileSync(file, `${key}\n`)
  setTimeout(() => write(id, { content: [{ type: 'text', text: key }] }), afterMs)
})
