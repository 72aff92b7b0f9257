import { Fault } from '../../contract/fault.ts'
import type { RelayedResult } from '../../contract/visit.ts'
import { askClient } from './answer-server.ts'
import type { Call } from './call.ts'
import { inputRequests } from './input-rounds.ts'
import type { Link } from './link.ts'
import type { Params } from './question.ts'
import type { Task } from './tasks.ts'

/** What the record of a question says that was handed over; its answer comes with another call. */
export const HANDED_OVER = { _meta: { 'gatehouse/relayed': true } }

/**
 * A result that asks for input, as a client of the stateless era is handed it: each question passes the door, to be refused or recorded
 * like one that is put to a client here.
 *
 * @throws Fault where one of them must not be put
 */
export async function relayedInputs(link: Link, call: Call, result: RelayedResult): Promise<RelayedResult> {
  if (result['inputRequests'] === undefined) return result
  const passed = inputRequests(link, result).map(async ([key, request]) => [key, await passQuestion(link, call, request)])
  return { ...result, inputRequests: Object.fromEntries(await Promise.all(passed)) }
}

/**
 * What is told of a task that waits for input. It is asked for again and again, but its questions pass the door once.
 *
 * @throws Fault where one of them must not be put
 */
export async function withTaskInputs(link: Link, call: Call, { passed }: Task, result: RelayedResult): Promise<RelayedResult> {
  if (typeof result['inputRequests'] !== 'object' || result['inputRequests'] === null) return result
  const requests = inputRequests(link, result).map(async ([key, request]) => {
    const shown = passed.get(key) ?? (await passQuestion(link, call, request))
    passed.set(key, shown)
    return [key, shown] as const
  })
  const shownRequests = Object.fromEntries(await Promise.all(requests))
  // What it no longer asks is asked anew if it comes back, so that what is kept of a task does not grow with each look.
  for (const key of passed.keys()) if (!Object.hasOwn(shownRequests, key)) passed.delete(key)
  return { ...result, inputRequests: shownRequests }
}

/** Let a question through the door that is put to the client in another way than by asking it here. @returns what the client is to see @throws Fault */
export async function passQuestion(link: Link, call: Call, request: Params): Promise<Params> {
  const method = String(request['method'])
  let shown = request['params']
  const ask = async (_method: string, params: unknown): Promise<unknown> => {
    shown = params
    return HANDED_OVER
  }
  try {
    await askClient(link, call, method, request['params'], call.signal, ask)
  } catch (thrown) {
    const { message } = thrown as Error
    throw new Fault('unavailable', `Upstream ${link.alias} needs an answer to ${method.slice(0, 80)}: ${message}`, {
      cause: thrown,
    })
  }
  return shown === undefined ? request : { ...request, params: shown }
}
