import { fileURLToPath } from 'node:url'
import { createChildRegister } from '../../../src/mcp/client/child-register.ts'
import { type ConnectOptions, connect } from '../../../src/mcp/client/connect.ts'
import type { Connection } from '../../../src/mcp/client/connection.ts'
import type { Verdict } from '../../../src/mcp/client/era.ts'
import { createHttpAgent } from '../../../src/mcp/client/http-agent.ts'
import { createHttpTransport } from '../../../src/mcp/client/http-transport.ts'
import { createSseTransport } from '../../../src/mcp/client/sse-transport.ts'
import { createStatelessHttpTransport } from '../../../src/mcp/client/stateless-http-transport.ts'
import { createStdioTransport } from '../../../src/mcp/client/stdio-transport.ts'
import { createTimerWheel } from '../../../src/mcp/client/timer-wheel.ts'
import type { ClientTransport } from '../../../src/mcp/client/transport.ts'

/** Our end of a connection to a scripted server, and what it heard unasked. */
export interface Opened {
  readonly connection: Connection
  readonly notifications: { method: string; params: unknown }[]
  readonly ignored: string[]
  readonly attempts: Verdict[]
  stales: number
  readonly closed: Promise<Error>
}

/** Everything that the tests of one file open; all of it is given back by `close`. */
export class Opener {
  readonly wheel = createTimerWheel({ tickMs: 5 })
  readonly register = createChildRegister()
  readonly #agent = createHttpAgent()
  readonly #connections: Connection[] = []

  http(
    url: string,
    options: Partial<ConnectOptions> = {},
    { headers = {}, listen = false }: { headers?: Record<string, string>; listen?: boolean } = {},
  ): Promise<Opened> {
    const common = { url: new URL(url), headers, agent: this.#agent, maxMessageBytes: 100_000 }
    return this.#open(options, ['http', 'sse'], ({ era, wire }) => {
      if (wire === 'sse') return createSseTransport(common)
      return era === 'stateless' ? createStatelessHttpTransport(common) : createHttpTransport({ ...common, listen })
    })
  }

  stdio(flags: readonly string[], options: Partial<ConnectOptions> = {}): Promise<Opened> {
    const { register } = this
    const common = { command: 'node', env: {}, maxMessageBytes: 100_000, killAfterMs: 500, register, onStderr: () => {} }
    return this.#open(options, ['stdio'], () => createStdioTransport({ ...common, args: [SERVER, ...flags] }))
  }

  async close(): Promise<void> {
    for (const connection of this.#connections.splice(0)) await connection.close()
  }

  async #open(
    options: Partial<ConnectOptions>,
    wires: ConnectOptions['wires'],
    dial: (attempt: Verdict) => ClientTransport,
  ): Promise<Opened> {
    const closed = Promise.withResolvers<Error>()
    const heard: Omit<Opened, 'connection'> = {
      notifications: [],
      ignored: [],
      attempts: [],
      stales: 0,
      closed: closed.promise,
    }
    const connection = await connect({
      dial(attempt) {
        heard.attempts.push(attempt)
        return dial(attempt)
      },
      wires,
      wheel: this.wheel,
      clientInfo: { name: 'test', version: '0' },
      timeoutMs: 5_000,
      ...options,
      listener: {
        notification: (method, params) => heard.notifications.push({ method, params }),
        ignored: (what, excerpt) => heard.ignored.push(`${what}: ${excerpt}`),
        stale() {
          heard.stales += 1
        },
        closed: closed.resolve,
        ...options.listener,
      },
    })
    this.#connections.push(connection)
    return Object.assign(heard, { connection })
  }
}

const SERVER = fileURLToPath(new URL('scripted-stdio.mjs', import.meta.url))
