import type { Vitals } from '../../src/contract/queue.ts'
import type { Connection } from '../wire/connection.ts'
import type { Running } from './running-job.ts'

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
  /** When it last said anything, by the steady clock. */
  heardAt: number
}

/** A connected worker as one lane sees it. */
export interface Seat {
  readonly worker: WorkerLink
  /** Jobs that it takes at once, by level. */
  readonly places: readonly number[]
  readonly free: number[]
  /** Attempts that were taken from it for its silence. Each has its place there until it says that it is over. */
  abandoned: Running[]
  /** Share of its threads' time that was worked, 0 to 1. */
  utilisation: number
}

/** A worker that says nothing for so long, in ms, is stopped or stuck: it speaks every second. */
const SILENT_MS = 5_000

/** Whether nothing was heard of it for too long, over a connection that stands. */
export const isSilent = ({ heardAt }: WorkerLink, steadyMs: number): boolean => steadyMs - heardAt >= SILENT_MS

/** Whether it can be given jobs right now. */
export const isOpen = ({ worker, free }: Seat, steadyMs: number): boolean =>
  !worker.isLeaving && !worker.connection.isBlocked && !isSilent(worker, steadyMs) && free.some((places) => places > 0)
