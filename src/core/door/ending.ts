import { Fault } from '../../contract/fault.ts'
import type { Answer, Ending, Stage } from '../../contract/visit.ts'
import { refusedWrite } from '../store-fault.ts'

/** How a visit ended well; a failing tool is an answer too. */
export const answered = (answer: Answer, durationMs: number): Ending => ({
  outcome: answer.kind === 'relay' && answer.result.isError === true ? 'tool_error' : 'ok',
  stage: undefined,
  code: undefined,
  message: undefined,
  answer,
  cause: undefined,
  durationMs,
})

/** How a visit ended in a fault. */
export const refused = (fault: Fault, stage: Stage, durationMs: number): Ending => ({
  outcome: fault.code,
  stage,
  code: fault.code,
  message: fault.message,
  answer: undefined,
  cause: fault.cause,
  durationMs,
})

/** What a caller may see of whatever was thrown; an abort says itself why, or else was asked for by the caller and is `cancelled`. */
export function toFault(thrown: unknown, signal: AbortSignal): Fault {
  if (signal.reason instanceof Fault) return signal.reason
  if (thrown instanceof Fault) return thrown
  if (signal.aborted) return new Fault('cancelled', 'The call was cancelled by the caller.', { cause: thrown })
  return refusedWrite(thrown) ?? Fault.from(thrown)
}
