import { Fault, type FaultCode } from '../../contract/fault.ts'
import type { Answer } from '../../contract/visit.ts'
import type { Invoked } from './invoke.ts'

type Failed = Extract<Invoked['outcome'], { ok: false }>

/** What was no word of the function's own: a limit, or the sandbox. The others are the function's, and are told as a failing tool. */
const FAULT_OF: Partial<Record<Failed['reason'], FaultCode>> = {
  timeout: 'timeout',
  memory: 'too_large',
  output: 'too_large',
  crash: 'upstream',
}

/**
 * A run's end as a tool's answer: always text, and structured where it is an object. Logs are for the invocation log only.
 *
 * @throws Fault `timeout`, `too_large` (memory, output), `upstream` (the sandbox broke)
 */
export function answerOf(name: string, outcome: Invoked['outcome']): Answer {
  if (!outcome.ok) return failing(name, outcome)
  const output = outcome.output ?? null
  const text = typeof output === 'string' ? output : JSON.stringify(output)
  const content = [{ type: 'text', text }]
  return { kind: 'relay', result: isObject(output) ? { content, structuredContent: output } : { content } }
}

function failing(name: string, { reason, message }: Failed): Answer {
  const code = FAULT_OF[reason]
  if (code !== undefined) throw new Fault(code, `${name}: ${message}`, { data: { reason } })
  return { kind: 'relay', result: { content: [{ type: 'text', text: message }], isError: true } }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
