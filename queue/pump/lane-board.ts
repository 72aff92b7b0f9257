import type { Log } from '../../src/contract/house.ts'
import type { Lane, LanePolicy } from '../../src/contract/lane.ts'
import type { LaneHandler } from '../../src/contract/queue.ts'
import type { NumberMap } from '../../src/core/churn/number-map.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { Clock } from './clock.ts'
import type { LaneFigures } from './figures.ts'
import type { Running } from './running-job.ts'
import type { Seat } from './seat.ts'
import type { Waiters } from './waiters.ts'

/** What the parts of a lane's front side have before them. */
export interface LaneBoard {
  readonly lane: Lane
  readonly policy: LanePolicy
  readonly ledger: Ledger
  readonly log: Log
  readonly clock: Clock
  /** 0 to 1. */
  readonly random: () => number
  readonly figures: LaneFigures
  readonly waiters: Waiters
  /** Leased jobs, by id. */
  readonly running: NumberMap<Running>
  /** Connected workers. */
  readonly seats: Set<Seat>
  handler: LaneHandler | undefined
}
