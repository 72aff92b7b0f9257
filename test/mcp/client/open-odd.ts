import { fileURLToPath } from 'node:url'
import { type ChildRegister, createChildRegister } from '../../../src/mcp/client/child-register.ts'
import { connect } from '../../../src/mcp/client/connect.ts'
import type { Connection } from '../../../src/mcp/client/connection.ts'
import { createStdioTransport, type StdioOptions } from '../../../src/mcp/client/stdio-transport.ts'
import { createTimerWheel, type TimerWheel } from '../../../src/mcp/client/timer-wheel.ts'

/** The misbehaving stdio server. */
export const ODD_SERVER = fileURLToPath(new URL('../../fixture/upstream/odd-server.mjs', import.meta.url))

/** One connection to the misbehaving server, and everything it said that was not an answer. */
export interface Odd {
  readonly connection: Connection
  readonly register: ChildRegister
  readonly wheel: TimerWheel
  readonly stderr: string[]
  readonly ignored: string[]
  readonly notifications: { method: string; params: unknown }[]
  readonly closed: Promise<Error>
}

/** Start the misbehaving server with some flags. */
export async function openOdd(
  flags: readonly string[] = [],
  options: Partial<StdioOptions> = {},
  timeoutMs = 20_000,
): Promise<Odd> {
  const register = options.register ?? createChildRegister()
  const wheel = createTimerWheel({ tickMs: 10 })
  const stderr: string[] = []
  const ignored: string[] = []
  const notifications: { method: string; params: unknown }[] = []
  const { promise: closed, resolve } = Promise.withResolvers<Error>()
  const connection = await connect({
    dial: () =>
      createStdioTransport({
        command: 'node',
        args: [ODD_SERVER, ...flags],
        env: {},
        maxMessageBytes: 1_000_000,
        killAfterMs: 500,
        onStderr: (line) => stderr.push(line),
        ...options,
        register,
      }),
    wires: ['stdio'],
    era: 'session',
    wheel,
    clientInfo: { name: 'test', version: '0' },
    timeoutMs,
    listener: {
      notification: (method, params) => notifications.push({ method, params }),
      ignored: (what, excerpt) => ignored.push(`${what}: ${excerpt}`),
      stale() {},
      closed: resolve,
    },
  })
  return { connection, register, wheel, stderr, ignored, notifications, closed }
}

/** Call a tool of a connection and give its first text. */
export async function callText(connection: Connection, name: string, args: object = {}, idleTimeoutMs = 10_000): Promise<string> {
  const result = (await connection.request('tools/call', { name, arguments: args }, { idleTimeoutMs })) as {
    content: { text: string }[]
  }
  return result.content[0]!.text
}

/** Whether a process is still there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
