import type { FunctionProgram } from '../../queue/function.lane.ts'
import type { Outcome } from './backend.ts'
import { MAX_MEMORY_BYTES } from './max-memory.ts'

/** An outcome whose message says which limit it was that ended the run, and where that stands. */
export function namingLimit(outcome: Outcome, { backend, limits }: FunctionProgram): Outcome {
  if (outcome.ok) return outcome
  const { reason, message } = outcome
  if (reason === 'timeout') return { ...outcome, message: `${message} Its timeoutMs is ${limits.timeoutMs}.` }
  if (reason !== 'memory') return outcome
  const isCapped = backend === 'wasm' && limits.memoryBytes > MAX_MEMORY_BYTES
  const given = isCapped ? `, of which wasm gives ${MAX_MEMORY_BYTES}` : ''
  return { ...outcome, message: `${message} Its memoryBytes is ${limits.memoryBytes}${given}.` }
}
