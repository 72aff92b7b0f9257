import { randomUUID } from 'node:crypto'
import { Fault } from '../../contract/fault.ts'
import type { RelayedResult } from '../../contract/visit.ts'
import { RpcError } from '../../mcp/rpc.ts'
import { askClient } from './answer-server.ts'
import type { Call } from './call.ts'
import type { Link } from './link.ts'
import type { Params } from './question.ts'

/** More questions at once than any person would answer. */
const MAX_REQUESTS = 50

/** Whether a server wants answers before it goes on (MCP 2026-07-28). */
export const asksForInput = (result: RelayedResult): boolean => result['resultType'] === 'input_required'

/**
 * Ask the client all that a server wants to know, at the same time.
 *
 * @returns what the next round is asked with: the answers, and the server's own state byte for byte
 * @throws Fault where the client cannot be asked or refuses
 */
export async function answerInputs(link: Link, call: Call, result: RelayedResult): Promise<Params> {
  const requests = inputRequests(link, result)
  const answers = await Promise.all(requests.map(([, request]) => answerOne(link, call, request)))
  const state = result['requestState']
  if (requests.length === 0 && state === undefined)
    throw new Fault('upstream', `Upstream ${link.alias} asked for input without saying which.`)
  return {
    ...(requests.length > 0 && {
      inputResponses: Object.fromEntries(requests.map(([key], index) => [key, answers[index]])),
    }),
    ...(state !== undefined && { requestState: state }),
  }
}

/** What a server wants to know, by its own keys. @throws Fault `upstream` where that cannot be read */
export function inputRequests(link: Link, result: RelayedResult): readonly (readonly [string, Params])[] {
  const entries = Object.entries((result['inputRequests'] ?? {}) as Record<string, unknown>)
  requireFew(link, entries)
  return entries.map(([key, request]) => {
    if (typeof request === 'object' && request !== null && typeof (request as Params)['method'] === 'string')
      return [key, request as Params] as const
    throw new Fault('upstream', `Upstream ${link.alias} asks for input in a form that is not MCP.`)
  })
}

/** @throws Fault `upstream` for more questions than are put */
export function requireFew({ alias }: Link, { length }: readonly unknown[]): void {
  if (length > MAX_REQUESTS)
    throw new Fault('upstream', `Upstream ${alias} asks ${length} questions at once; at most ${MAX_REQUESTS} are put.`)
}

async function answerOne(link: Link, call: Call, request: Params): Promise<unknown> {
  const method = String(request['method'])
  try {
    return await askClient(link, call, method, withElicitationId(method, request['params']), call.signal)
  } catch (thrown) {
    // There is no way to send an error back; not to answer a form is an answer of its own.
    if (method === 'elicitation/create' && (thrown as Error).cause instanceof RpcError) return { action: 'cancel' }
    throw new Fault(
      'unavailable',
      `Upstream ${link.alias} needs an answer to ${method.slice(0, 80)}: ${(thrown as Error).message}`,
      {
        cause: thrown,
      },
    )
  }
}

/** Clients of the session era know a page by an id, which the stateless era has no more. */
function withElicitationId(method: string, params: unknown): unknown {
  if (method !== 'elicitation/create' || (params as Params | undefined)?.['mode'] !== 'url') return params
  return { elicitationId: randomUUID(), ...(params as Params) }
}
