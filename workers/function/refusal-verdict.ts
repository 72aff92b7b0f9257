import { TaskAskError } from '../../queue/lane.ts'
import { FAULTS, type FaultCode } from '../../src/contract/fault.ts'
import type { Verdict } from '../../src/contract/lane.ts'
import { BackendRefusal } from './backend-refusal.ts'

/** What becomes of a job whose function could not be run at all. @throws what was thrown, where nobody foresaw it */
export function refusalVerdict(thrown: unknown): Verdict<never> {
  if (!(thrown instanceof BackendRefusal || thrown instanceof TaskAskError)) throw thrown
  const { code, message: reason } = thrown
  const known = Object.hasOwn(FAULTS, code) ? (code as FaultCode) : 'upstream'
  return FAULTS[known].retryable ? { kind: 'retry', reason } : { kind: 'cancel', reason, code: known }
}
