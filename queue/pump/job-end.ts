import { Fault, type FaultCode } from '../../src/contract/fault.ts'

/** How a job ended for good, as whoever waits for it is told. */
export interface JobEnd {
  readonly state: 'done' | 'cancelled' | 'dead'
  /** JSON text of a `done` job. */
  readonly result: string | null
  readonly reason: string | null
  /** null where nothing but the state is known. */
  readonly code: FaultCode | null
}

/** What the caller of a job that failed is told. */
export function faultOf(lane: string, { state, reason, code }: JobEnd): Fault {
  if (code === 'internal') {
    return new Fault('internal', `A job of the lane ${lane} broke. The reason is kept with the job.`, { cause: reason })
  }
  if (state === 'cancelled') return new Fault(code ?? 'cancelled', reason ?? 'The job was called off.')
  return new Fault(code ?? 'upstream', reason ?? `The job ran out of attempts.`)
}

/** What is said of a job whose worker is gone. */
export const LOST = 'The worker that ran it was lost. What it had done by then stays done.'
