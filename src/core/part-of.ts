import { Fault } from '../contract/fault.ts'
import type { Answer, Entry, RelayedResult, Visit } from '../contract/visit.ts'

/** How something is entered that an operation asks a source for: for the same client, and what its server says and asks meanwhile reaches it. */
export function partOf(visit: Visit): Entry {
  const { transport, requestId, sessionKey, signal, progress, notify, traceparent, client, ask, depth = 0, id } = visit
  return {
    ...{ transport, requestId, sessionKey, signal, depth, parentId: id, isPart: true },
    ...(progress && { progress }),
    ...(notify && { notify }),
    ...(traceparent !== undefined && { traceparent }),
    ...(client && { client }),
    ...(ask && { ask }),
  }
}

/** What the source answered. @throws Fault `unavailable` where it asks for input in an answer of its own, which cannot be handed on as part of another */
export function resultOf(name: string, answer: Answer): RelayedResult {
  if (answer.kind !== 'relay') throw new TypeError(`${name} is an operation; ask for it with scope.call.`)
  if (answer.result['resultType'] !== 'input_required') return answer.result
  throw new Fault(
    'unavailable',
    `${name} asks for input before it answers. Ask for it by its own MCP method, which can hand that on.`,
  )
}
