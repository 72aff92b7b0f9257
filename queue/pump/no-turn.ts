import { Fault } from '../../src/contract/fault.ts'
import type { Refusal } from './figures.ts'

const UNSERVED_RETRY_MS = 5_000
const BUSY_RETRY_MS = 1_000

/** What somebody is told whose job had no turn. @param maxWaitMs for how long it might wait */
export function noTurn(lane: string, limit: Extract<Refusal, 'no_worker' | 'paused' | 'maxWaitMs'>, maxWaitMs: number): Fault {
  if (limit === 'no_worker') {
    const sentence = `No worker serves the lane ${lane}. An operator has to start one; then try again.`
    return refusal('unavailable', sentence, limit, maxWaitMs, UNSERVED_RETRY_MS)
  }
  const what = limit === 'paused' ? 'stayed paused' : 'had no place for this'
  const sentence = `The lane ${lane} ${what} for the ${maxWaitMs} ms that a call may wait. Nothing was begun; try again later.`
  return refusal('busy', sentence, limit, maxWaitMs, BUSY_RETRY_MS)
}

const refusal = (code: 'busy' | 'unavailable', sentence: string, limit: Refusal, value: number, retryAfterMs: number): Fault =>
  new Fault(code, sentence, { retryAfterMs, data: { limit, value, retryAfterMs } })
