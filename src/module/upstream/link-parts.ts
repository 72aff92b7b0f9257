import type { House, Log } from '../../contract/house.ts'
import type { CallMetrics } from './call.metrics.ts'
import type { Connector } from './connector.ts'
import type { Definition } from './definition.ts'
import type { Tail } from './tail.ts'
import type { Tasks } from './tasks.ts'

/** What one upstream is made of, and whom it tells. */
export interface LinkParts {
  readonly alias: string
  readonly definition: Definition
  readonly connector: Connector
  readonly tail: Tail
  readonly healthIntervalMs: number
  readonly healthTimeoutMs: number
  readonly sessionIdleMs: number
  readonly nowMs: () => number
  readonly log: Log
  readonly metrics: CallMetrics
  /** Runs work that nobody waits for. */
  readonly background: (event: string, work: Promise<unknown>) => void
  readonly tasks: Tasks
  /** What servers ask clients goes through the door as well. */
  readonly enter: House['enter']
  readonly onState: () => void
  /** What it offers is another than before. */
  readonly onOffers: () => void
  /** What it offers to one client session alone is. */
  readonly onOwnLists: (sessionKey: string) => void
}
