import { Fault } from '../../../contract/fault.ts'
import type { Client, Standing } from '../../../contract/visit.ts'
import type { LogLevel } from '../log-level.ts'
import type { Followed } from './follow-resource.ts'
import type { ListenStream } from './listen-stream.ts'

/** What is kept of a client of the stateless era between its requests, so that servers that have sessions need not begin one for each. */
export interface StatelessClient {
  readonly callerId: string
  /** Names it to the door and to upstreams; begins with the caller's id. */
  readonly sessionKey: string
  /** Open `subscriptions/listen` streams. */
  readonly streams: Set<ListenStream>
  /** What these streams follow, by their source, a line feed, and the door's name for the subscription. */
  readonly subscriptions: Map<string, Followed>
  /**
   * The client as servers see it.
   *
   * @param level from which on it wants log messages of one request
   * @param source the one source that is served at the address it speaks to, whose streams alone are its standing ones there
   */
  at(level: LogLevel | undefined, source: string | undefined): Client
  /** Requests, calls that wait for an answer, and streams. */
  uses: number
  lastSeenAt: number
}

/** Log levels times the sources that one client speaks to. */
const MAX_KNOWN = 1_000

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
  const clients = new Map<string, Client>()
  return {
    callerId,
    sessionKey,
    streams,
    subscriptions: new Map(),
    at(level, source) {
      const key = `${level ?? ''}\n${source ?? ''}`
      const known = clients.get(key)
      if (known) return known
      const standing = standingOver(streams, source)
      const client = {
        capabilities,
        info,
        logLevel: level,
        takesInputRequired: true,
        standing,
        ...(source !== undefined && { source }),
      }
      // Names of sources come from the address, so only so many are remembered; servers know a client by its object.
      if (clients.size < MAX_KNOWN) clients.set(key, client)
      return client
    },
    uses: 0,
    lastSeenAt: nowMs,
  }
}

/** What a server says outside any request goes to the streams that want to hear it; nothing can be asked there. */
const standingOver = (streams: ReadonlySet<ListenStream>, source: string | undefined): Standing => ({
  notify: (method, params) => [...streams].filter((stream) => stream.source === source && stream.hear(method, params)).length > 0,
  ask: async () => {
    throw new Fault('unavailable', 'A client of MCP 2026-07-28 can be asked something while it waits for a result only.')
  },
})
