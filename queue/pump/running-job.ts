import type { Lease } from '../ledger/ledger.ts'
import type { Seat } from './seat.ts'

/** A leased job, as the front knows it. */
export interface Running {
  readonly id: number
  readonly attempt: number
  readonly level: number
  readonly token: string
  readonly maxAttempts: number
  /** Name of the worker that has it. */
  readonly workerName: string
  readonly startedAt: number
  /** undefined while its worker is away. */
  seat: Seat | undefined
  /** ms since the epoch. */
  leaseUntil: number
  /** When its worker last said that it runs it, by the steady clock. */
  heardAt: number
  /** JSON text; undefined where an earlier front gave it away. */
  payload: string | undefined
  /** Why it is to stop, once somebody called it off. */
  calledOff: string | undefined
  /** Its attempt is over, and that is on its way to disk. */
  isEnding: boolean
  /** For the questions that its task asks. */
  asking: AbortController | undefined
}

/** It is on disk that it is over, or it is not ours any more. */
export function leave(running: Running): void {
  running.asking?.abort()
}

/** A lease as an earlier front left it. @param heardAt by the steady clock */
export const leased = ({ worker, cancelRequested, timeoutMs: _, ...lease }: Lease, heardAt: number): Running => ({
  ...lease,
  workerName: worker,
  seat: undefined,
  heardAt,
  payload: undefined,
  calledOff: cancelRequested ? 'It was called off.' : undefined,
  isEnding: false,
  asking: undefined,
})
