import { connect } from '../../src/mcp/client/connect.ts'
import type { Connection } from '../../src/mcp/client/connection.ts'
import type { Era } from '../../src/mcp/client/era.ts'
import { createHttpAgent } from '../../src/mcp/client/http-agent.ts'
import { createHttpTransport } from '../../src/mcp/client/http-transport.ts'
import { listAll } from '../../src/mcp/client/list-all.ts'
import { headerFaults, paramHeaders } from '../../src/mcp/client/param-headers.ts'
import { createStatelessHttpTransport } from '../../src/mcp/client/stateless-http-transport.ts'
import { createTimerWheel } from '../../src/mcp/client/timer-wheel.ts'
import { RPC, RpcError } from '../../src/mcp/rpc.ts'

/** A tool as it was listed. */
export interface AgentTool {
  readonly name: string
  readonly inputSchema: Readonly<Record<string, unknown>>
}

/** An MCP client that does what a scenario needs, and says yes to whatever it is asked. */
export interface Agent {
  tools(): Promise<readonly AgentTool[]>
  list(method: string, field: string): Promise<readonly Readonly<Record<string, unknown>>[]>
  call(tool: AgentTool, args: Readonly<Record<string, unknown>>): Promise<unknown>
  request(method: string, params: Readonly<Record<string, unknown>>): Promise<unknown>
  close(): Promise<void>
}

interface InputRequired {
  readonly resultType?: string
  readonly inputRequests?: Readonly<Record<string, { readonly method: string; readonly params: unknown }>>
  readonly requestState?: string
}

const TIMEOUT_MS = 20_000
const MAX_ROUNDS = 10

interface AgentOptions {
  readonly headers: Readonly<Record<string, string>>
  /** `auto`: the newest that the server speaks. */
  readonly era: Era | 'auto'
}

/** Connect to a server at an address. */
export async function connectAgent(url: string, { headers, era: wanted }: AgentOptions): Promise<Agent> {
  const http = createHttpAgent()
  const common = { url: new URL(url), headers, agent: http, maxMessageBytes: 10_000_000 }
  const connection = await connect({
    dial: ({ era }) =>
      era === 'stateless' ? createStatelessHttpTransport(common) : createHttpTransport({ ...common, listen: true }),
    wires: ['http'],
    era: wanted,
    wheel: createTimerWheel(),
    clientInfo: { name: 'conformance-agent', version: '1' },
    capabilities: { elicitation: { form: { applyDefaults: true } } },
    listener: { notification() {}, ignored() {}, stale() {}, closed() {}, request: (method, params) => answer(method, params) },
    timeoutMs: TIMEOUT_MS,
  })
  return agentOver(connection, async () => {
    await connection.close()
    await http.destroy()
  })
}

function agentOver(connection: Connection, close: () => Promise<void>): Agent {
  const request: Agent['request'] = (method, params) => askUntilDone(connection, method, params, undefined)
  const list: Agent['list'] = async (method, field) =>
    (await listAll(connection, method, field, { timeoutMs: TIMEOUT_MS })).entries as Readonly<Record<string, unknown>>[]
  return {
    list,
    async tools() {
      const tools = (await list('tools/list', 'tools')) as unknown as AgentTool[]
      return tools.filter(({ inputSchema }) => connection.era === 'session' || headerFaults(inputSchema).length === 0)
    },
    call: ({ name, inputSchema }, args) =>
      askUntilDone(connection, 'tools/call', { name, arguments: args }, paramHeaders(inputSchema, args)),
    request,
    close,
  }
}

/** Ask, and ask again with what was asked back, until there is a result. */
async function askUntilDone(
  connection: Connection,
  method: string,
  params: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> | undefined,
): Promise<unknown> {
  let extra: Readonly<Record<string, unknown>> = {}
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const options = { idleTimeoutMs: TIMEOUT_MS, onRequest: answer, ...(headers && { headers }) }
    const result = (await connection.request(method, { ...params, ...extra }, options)) as InputRequired
    if (result.resultType !== 'input_required') return result
    const inputResponses: Record<string, unknown> = {}
    for (const [key, asked] of Object.entries(result.inputRequests ?? {}))
      inputResponses[key] = await answer(asked.method, asked.params)
    extra = { inputResponses, ...(result.requestState !== undefined && { requestState: result.requestState }) }
  }
  throw new Error(`${method} still asks after ${MAX_ROUNDS} rounds`)
}

/** Accept every form, with the defaults that it names. */
async function answer(method: string, params: unknown): Promise<unknown> {
  if (method !== 'elicitation/create') throw new RpcError(RPC.methodNotFound, `This agent does not answer ${method}.`)
  const { requestedSchema } = params as { requestedSchema?: { properties?: Record<string, { default?: unknown }> } }
  const fields = Object.entries(requestedSchema?.properties ?? {}).filter(([, field]) => field.default !== undefined)
  return { action: 'accept', content: Object.fromEntries(fields.map(([name, field]) => [name, field.default])) }
}
