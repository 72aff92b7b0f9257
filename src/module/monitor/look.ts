import type { ProcessState } from '../../contract/process.ts'
import type { LaneState } from '../../contract/queue.ts'
import type { StoreProbe, StoreState } from '../../contract/store.ts'

/** Free room of the data folder. */
export interface Disk {
  readonly freeBytes: number
  readonly sizeBytes: number
}

/** What a lane is judged by. */
export type SeenLane = Pick<
  LaneState,
  'name' | 'paused' | 'workers' | 'scheduled' | 'ready' | 'running' | 'dead' | 'capacity' | 'oldestReadyAt' | 'wait' | 'run'
> & {
  readonly totals: Pick<LaneState['totals'], 'dead' | 'lost'>
  readonly policy: Pick<LaneState['policy'], 'threads' | 'concurrency'>
}

/** An upstream as the metrics show it. */
export interface SeenUpstream {
  readonly alias: string
  readonly wanted: boolean
  readonly state: string
}

/** Everything that is judged, at one time. */
export interface Look {
  readonly at: number
  /** null where the data is in memory, or the system does not say. */
  readonly disk: Disk | null
  readonly stores: readonly (StoreProbe & Pick<StoreState, 'walBytes'>)[]
  readonly processes: readonly ProcessState[]
  readonly upstreams: readonly SeenUpstream[]
  readonly lanes: readonly SeenLane[]
}
