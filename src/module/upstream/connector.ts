import type { Secrets } from '../../contract/secrets.ts'
import type { ChildRegister } from '../../mcp/client/child-register.ts'
import { connect } from '../../mcp/client/connect.ts'
import type { Connection, ConnectionListener } from '../../mcp/client/connection.ts'
import type { Verdict, Wire } from '../../mcp/client/era.ts'
import type { HttpAgent } from '../../mcp/client/http-agent.ts'
import { createHttpTransport } from '../../mcp/client/http-transport.ts'
import { createSseTransport } from '../../mcp/client/sse-transport.ts'
import { createStatelessHttpTransport } from '../../mcp/client/stateless-http-transport.ts'
import { createStdioTransport } from '../../mcp/client/stdio-transport.ts'
import type { TimerWheel } from '../../mcp/client/timer-wheel.ts'
import type { ClientTransport } from '../../mcp/client/transport.ts'
import type { Definition } from './definition.ts'
import { type Resolved, resolveSecrets } from './secret-reference.ts'
import type { Tail } from './tail.ts'

/** What all connections of this process share. */
export interface ClientGround {
  readonly wheel: TimerWheel
  readonly agent: HttpAgent
  readonly register: ChildRegister
  readonly version: string
  readonly killAfterMs: number
  readonly secrets: Secrets
}

interface OpenOptions {
  /** Hear what the server says unasked. */
  readonly listen: boolean
  /** What can be answered when the server asks. */
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly listener: ConnectionListener
  readonly signal: AbortSignal
}

/** Opens connections to one server. */
export type Connector = (options: OpenOptions) => Promise<Connection>

/**
 * Secrets are looked up at each connect and kept nowhere else. What was found out about how the server is spoken to is kept as long as its
 * definition.
 */
export function createConnector(alias: string, definition: Definition, ground: ClientGround, tail: Tail): Connector {
  let known: Verdict | undefined
  return async ({ listen, capabilities, listener, signal }) => {
    const resolved = await resolveSecrets(alias, definition, ground.secrets)
    tail.hide(resolved.secrets)
    const connection = await connect({
      dial: (attempt) => transportFor(attempt, definition, resolved, ground, tail, listen),
      wires: WIRES[definition.transport],
      era: definition.era,
      known,
      wheel: ground.wheel,
      clientInfo: { name: 'gatehouse', version: ground.version },
      capabilities,
      listener,
      timeoutMs: definition.connectTimeoutMs,
      signal,
    })
    known = connection.verdict ?? known
    return connection
  }
}

/** An address may be one of before 2025-03-26. */
const WIRES = {
  stdio: ['stdio'],
  http: ['http', 'sse'],
  sse: ['sse'],
} as const satisfies Record<Definition['transport'], readonly [Wire, ...Wire[]]>

function transportFor(
  { era, wire }: Verdict,
  definition: Definition,
  { values }: Resolved,
  ground: ClientGround,
  tail: Tail,
  listen: boolean,
): ClientTransport {
  const maxMessageBytes = definition.maxResultBytes
  if (definition.transport !== 'stdio') {
    const common = { url: new URL(definition.url), headers: values, agent: ground.agent, maxMessageBytes }
    if (wire === 'sse') return createSseTransport(common)
    return era === 'stateless' ? createStatelessHttpTransport(common) : createHttpTransport({ ...common, listen })
  }
  const { command, args, cwd } = definition
  const { register, killAfterMs } = ground
  const onStderr = (line: string): void => tail.add('stderr', line)
  return createStdioTransport({ command, args, cwd, env: values, maxMessageBytes, killAfterMs, register, onStderr })
}
