import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import type { Log } from '../../../src/contract/house.ts'
import type { SessionBook } from '../../../src/contract/session-book.ts'
import { type Gatehouse, openGatehouse } from '../../../src/core/gatehouse.ts'
import { createKeys } from '../../../src/core/keys.ts'
import { type McpLimits, mcpLimits } from '../../../src/mcp/server/limits.ts'
import { McpServer } from '../../../src/mcp/server/server.ts'
import { backendOf } from '../../../src/transport/mcp/backend-of.ts'
import { houseParts } from '../../house-parts.ts'
import { createDemo, type DemoControls } from './demo-module.ts'

/** A line of the server log. */
interface LogLine {
  readonly event: string
  readonly fields: object
}

/** A house with the demo module, real door and all. */
export interface World {
  readonly gatehouse: Gatehouse
  readonly demo: DemoControls
  readonly lines: readonly LogLine[]
}

/** The protocol layer on a bare HTTP server over a world. */
export interface ServerWorld extends World {
  readonly server: McpServer
  readonly url: string
  /** Connections of clients at present. */
  readonly connections: () => Promise<number>
}

/** Open a house with nothing but the demo module. */
export async function openWorld(nowMs: () => number = Date.now): Promise<World> {
  const { module, controls } = createDemo()
  const lines: LogLine[] = []
  const keys = createKeys({ SECRET_KEY_BASE: 'a'.repeat(64), COOKIE_SALT: 'b'.repeat(64), ACCESS_CONTROL_KEY: 'c'.repeat(64) })
  const log = logInto(lines)
  const gatehouse = await openGatehouse({
    modules: [module],
    dataDir: ':memory:',
    settings: {},
    keys,
    nowMs,
    log,
    version: '0.0.0',
    ...houseParts({ dataDir: ':memory:', nowMs, log }),
  })
  onTestFinished(() => gatehouse.stop())
  return { gatehouse, demo: controls, lines }
}

/** Serve the protocol layer alone, so that a test may hold its clock and its bounds. */
export async function serveWorld(
  options: { limits?: Partial<McpLimits>; nowMs?: () => number; sessionBook?: SessionBook } = {},
): Promise<ServerWorld> {
  const nowMs = options.nowMs ?? Date.now
  const world = await openWorld(nowMs)
  const { events, log } = world.gatehouse
  const server = new McpServer({
    backend: backendOf(world.gatehouse),
    limits: mcpLimits.parse({ listChangedDebounceMs: 1, ...options.limits }),
    identity: { name: 'gatehouse', title: 'Gatehouse', version: '0.0.0' },
    nowMs,
    log,
    sessionBook: options.sessionBook,
    stateKey: Buffer.alloc(32, 7),
  })
  events.subscribe('catalog', () => server.listsChanged())
  events.subscribe('access', () => server.listsChanged())
  const http = createServer((req, res) => {
    void readText(req).then((body) => {
      const refresh = async () => world.gatehouse.authenticator.bearer(tokenOf(req))
      return refresh().then((caller) =>
        server.handle({
          method: req.method as 'POST' | 'GET' | 'DELETE',
          headers: req.headers,
          body,
          res,
          answerHeaders: {},
          caller,
          refresh,
          requestId: 'r-1',
          source: req.url === '/mcp' ? undefined : req.url!.slice('/mcp/s/'.length),
        }),
      )
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => close(server, http))
  const connections = promisify(http.getConnections.bind(http))
  return { ...world, server, connections, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp` }
}

const tokenOf = ({ headers }: IncomingMessage): string => headers.authorization!.slice('Bearer '.length)

async function close(server: McpServer, http: Server): Promise<void> {
  await server.close(0)
  http.closeAllConnections()
  await new Promise((resolve) => http.close(resolve))
}

function logInto(lines: LogLine[]): Log {
  const write = (fields: object, event: string): void => void lines.push({ event, fields })
  return { debug: write, info: write, warn: write, error: write, child: () => logInto(lines) }
}
