import { LRUCache } from 'lru-cache'
import type { Lists } from '../lists.ts'
import type { McpServerOptions } from '../server-state.ts'
import { ClientTable } from './client-table.ts'
import type { ListenStream } from './listen-stream.ts'
import { OpenReplies } from './open-replies.ts'
import { Parking } from './parking.ts'
import { StateCodec } from './state-codec.ts'
import { type StatelessForm, statelessForm } from './stateless-form.ts'

/** States whose single use is remembered; those before are refused by their age, if nothing else. */
const SPENT_STATES = 20_000

/** Everything that the server keeps for the stateless era. Made once; a request constructs nothing of it. */
export interface StatelessState extends McpServerOptions {
  readonly lists: Lists
  readonly clients: ClientTable
  readonly replies: OpenReplies
  readonly parking: Parking
  readonly streams: Set<ListenStream>
  readonly codec: StateCodec
  /** Nonces of states that were brought back. */
  readonly spent: LRUCache<string, true>
  readonly form: StatelessForm
  /** Notifications that slow readers did not get, since the start. */
  droppedNotifications: number
}

/** A server without clients. @param lists shared with the session era, so that each is rendered once */
export const createStatelessState = (options: McpServerOptions, lists: Lists): StatelessState => ({
  ...options,
  lists,
  clients: new ClientTable(options.limits, ({ sessionKey }) => options.backend.sessionEnded(sessionKey)),
  replies: new OpenReplies(),
  parking: new Parking(options.limits),
  streams: new Set(),
  codec: new StateCodec(options.stateKey, options.nowMs),
  spent: new LRUCache({ max: SPENT_STATES }),
  form: statelessForm(options.identity),
  droppedNotifications: 0,
})
