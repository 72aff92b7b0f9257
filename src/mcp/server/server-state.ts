import type { Log } from '../../contract/house.ts'
import type { Backend } from './backend.ts'
import { CallsInFlight } from './calls-in-flight.ts'
import { EventStore } from './event-store.ts'
import type { Identity } from './initialize.ts'
import type { McpLimits } from './limits.ts'
import { Lists } from './lists.ts'
import { SessionTable } from './session-table.ts'
import type { StandingStream } from './standing-stream.ts'

/** What differs between tests and production. */
export interface McpServerOptions {
  readonly backend: Backend
  readonly limits: McpLimits
  readonly identity: Identity
  readonly nowMs: () => number
  readonly log: Log
}

/** Everything that one server keeps. Made once; a request constructs nothing of it. */
export interface ServerState extends McpServerOptions {
  readonly sessions: SessionTable
  readonly lists: Lists
  readonly streams: Set<StandingStream>
  readonly store: EventStore
  readonly calls: CallsInFlight
  /** Notifications that slow readers did not get, since the start. */
  droppedNotifications: number
}

/** A server without clients. */
export const createState = (options: McpServerOptions): ServerState => ({
  ...options,
  sessions: new SessionTable(options.limits),
  lists: new Lists(options.backend, options.limits.toolsPerPage),
  streams: new Set(),
  store: new EventStore(options.limits),
  calls: new CallsInFlight(),
  droppedNotifications: 0,
})
