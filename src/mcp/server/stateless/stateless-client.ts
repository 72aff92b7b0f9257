import { Fault } from '../../../contract/fault.ts'
import type { Client, Standing } from '../../../contract/visit.ts'
import type { LogLevel } from '../log-level.ts'
import type { ListenStream } from './listen-stream.ts'

/** What is kept of a client of the stateless era between its requests, so that servers that have sessions need not begin one for each. */
export interface StatelessClient {
  readonly callerId: string
  /** Names it to the door and to upstreams; begins with the caller's id. */
  readonly sessionKey: string
  /** Open `subscriptions/listen` streams. */
  readonly streams: Set<ListenStream>
  /** How many of these streams want to hear of a resource, by the door's name for the subscription. */
  readonly subscriptions: Map<string, number>
  /** The client as servers see it. @param level from which on it wants log messages of one request */
  at(level: LogLevel | undefined): Client
  /** Requests, calls that wait for an answer, and streams. */
  uses: number
  lastSeenAt: number
}

interface Declared {
  readonly callerId: string
  readonly sessionKey: string
  readonly capabilities: Client['capabilities']
  readonly info: Client['info']
  readonly nowMs: number
}

/** A client that nobody has used yet. */
export function newClient({ callerId, sessionKey, capabilities, info, nowMs }: Declared): StatelessClient {
  const streams = new Set<ListenStream>()
  const standing = standingOver(streams)
  const levels = new Map<LogLevel | undefined, Client>()
  return {
    callerId,
    sessionKey,
    streams,
    subscriptions: new Map(),
    at(level) {
      const known = levels.get(level)
      if (known) return known
      const client = { capabilities, info, logLevel: level, takesInputRequired: true, standing }
      levels.set(level, client)
      return client
    },
    uses: 0,
    lastSeenAt: nowMs,
  }
}

/** What a server says outside any request goes to the streams that want to hear it; nothing can be asked there. */
const standingOver = (streams: ReadonlySet<ListenStream>): Standing => ({
  notify: (method, params) => [...streams].filter((stream) => stream.hear(method, params)).length > 0,
  ask: async () => {
    throw new Fault('unavailable', 'A client of MCP 2026-07-28 can be asked something while it waits for a result only.')
  },
})
