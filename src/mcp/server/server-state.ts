import type { Log } from '../../contract/house.ts'
import type { SessionBook } from '../../contract/session-book.ts'
import type { Backend } from './backend.ts'
import { CallsInFlight } from './calls-in-flight.ts'
import { EventStore } from './event-store.ts'
import type { Identity } from './initialize.ts'
import type { McpLimits } from './limits.ts'
import { Lists } from './lists.ts'
import { SessionKeeper } from './session-keeper.ts'
import { SessionTable } from './session-table.ts'
import type { StandingStream } from './standing-stream.ts'
import { createStatelessState, type StatelessState } from './stateless/stateless-state.ts'

/** What differs between tests and production. */
export interface McpServerOptions {
  readonly backend: Backend
  readonly limits: McpLimits
  readonly identity: Identity
  readonly nowMs: () => number
  readonly log: Log
  /** Where sessions outlive the process; they end with it without. */
  readonly sessionBook?: SessionBook | undefined
  /** 32 bytes that seal what clients of the stateless era carry between rounds, and nothing else. */
  readonly stateKey: Buffer
}

/** Everything that one server keeps. Made once; a request constructs nothing of it. */
export interface ServerState extends McpServerOptions {
  readonly sessions: SessionTable
  readonly keeper: SessionKeeper
  readonly lists: Lists
  readonly streams: Set<StandingStream>
  readonly store: EventStore
  readonly calls: CallsInFlight
  readonly stateless: StatelessState
  /** Notifications that slow readers did not get, since the start. */
  droppedNotifications: number
}

/** A server without clients. */
export function createState(options: McpServerOptions): ServerState {
  const lists = new Lists(options.backend, options.limits.toolsPerPage)
  return {
    ...options,
    sessions: new SessionTable(options.limits),
    keeper: new SessionKeeper({ ...options, book: options.sessionBook }),
    lists,
    streams: new Set(),
    store: new EventStore(options.limits),
    calls: new CallsInFlight(),
    stateless: createStatelessState(options, lists),
    droppedNotifications: 0,
  }
}
