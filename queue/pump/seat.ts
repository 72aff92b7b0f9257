import type { Vitals } from '../../src/contract/queue.ts'
import type { Connection } from '../wire/connection.ts'

/** A connected worker process. */
export interface WorkerLink {
  readonly name: string
  readonly pid: number
  readonly instance: string
  readonly connection: Connection
  readonly connectedAt: number
  /** By lane. */
  readonly seats: Map<string, Seat>
  vitals: Vitals | null
  /** It stops: nothing new for it. */
  isLeaving: boolean
}

/** A connected worker as one lane sees it. */
export interface Seat {
  readonly worker: WorkerLink
  /** Jobs that it takes at once, by level. */
  readonly places: readonly number[]
  readonly free: number[]
  /** Share of its threads' time that was worked, 0 to 1. */
  utilisation: number
}

/** Whether it can be given jobs right now. */
export const isOpen = ({ worker, free }: Seat): boolean =>
  !worker.isLeaving && !worker.connection.isBlocked && free.some((places) => places > 0)
