import { setTimeout as pause } from 'node:timers/promises'
import { Fault } from '../../contract/fault.ts'
import type { RelayedResult } from '../../contract/visit.ts'
import { ClientError } from '../../mcp/client/client-error.ts'
import type { Era } from '../../mcp/client/era.ts'
import type { ClientIntroduction, RequestOptions } from '../../mcp/client/request-options.ts'
import { RPC, RpcError } from '../../mcp/rpc.ts'
import { hasTasks, TASKS } from '../../mcp/server/stateless/tasks-extension.ts'
import type { Call } from './call.ts'
import { answerInputs } from './input-rounds.ts'
import type { Line } from './line.ts'
import type { Link } from './link.ts'
import type { Params } from './question.ts'

/** How often a server is asked for news, whatever it says of that, in ms. */
const POLL_MS = { least: 50, default: 1_000, most: 5_000 }
/** Telling a server that nobody waits any more is given up after this long. */
const CANCEL_TIMEOUT_MS = 5_000

/**
 * Whether a tool of the stateless era answers only with tasks (SEP-2663), and was called by somebody who cannot know of them: a client of the
 * session era, or one that speaks no MCP. A client of the stateless era is told what it would have to declare.
 */
export function mustHaveTask(era: Era | undefined, { question, visit: { client } }: Call, thrown: unknown): boolean {
  if (era !== 'stateless' || question.method !== 'tools/call' || client?.takesInputRequired) return false
  if (!(thrown instanceof ClientError)) return false
  const { cause } = thrown
  if (!(cause instanceof RpcError) || cause.code !== RPC.missingCapability) return false
  const required = (cause.data as { readonly requiredCapabilities?: Params } | undefined)?.requiredCapabilities ?? {}
  return Object.keys(required).length === 1 && hasTasks(required)
}

/**
 * Call such a tool in the name of a client that knows tasks, and wait for what its task ends with; what it asks meanwhile, its client is asked.
 *
 * @throws RpcError, ClientError, Fault; the task is cancelled when its call is
 */
export async function untilTaskEnds(
  link: Link,
  { connection }: Line,
  call: Call,
  params: Params,
  { headers, ...usual }: RequestOptions,
): Promise<unknown> {
  const options = { ...usual, client: ableOf(usual.client!) }
  const begun = (await connection.request('tools/call', params, { ...options, ...(headers && { headers }) })) as Params
  if (begun['resultType'] !== 'task') return begun
  const taskId = begun['taskId']
  const givenUpAt = performance.now() + call.question.maxTimeoutMs
  const answered = new Set<string>()
  try {
    let told = begun
    for (;;) {
      if (hasEnded(told)) return outcomeOf(link, told)
      if (performance.now() > givenUpAt) throw new ClientError('timeout', 'Its task took longer than a call of the tool may.')
      const asked = newlyAsked(told, answered)
      if (asked) await connection.request('tasks/update', { taskId, ...(await answerInputs(link, call, asked)) }, options)
      else await pause(pollMsOf(told), undefined, { signal: call.signal })
      told = (await connection.request('tasks/get', { taskId }, options)) as Params
    }
  } catch (thrown) {
    const { client } = options
    if (connection.open)
      await connection.request('tasks/cancel', { taskId }, { idleTimeoutMs: CANCEL_TIMEOUT_MS, client }).catch(() => undefined)
    throw call.isWithdrawn ? new ClientError('cancelled', 'The call was taken back.') : thrown
  }
}

const ableOf = (client: ClientIntroduction): ClientIntroduction => ({
  ...client,
  capabilities: { ...client.capabilities, extensions: { ...Object(client.capabilities['extensions']), ...TASKS['extensions'] } },
})

const hasEnded = ({ status }: Params): boolean => status !== 'working' && status !== 'input_required'

/** @throws RpcError, Fault for one that ended without a result */
function outcomeOf({ alias }: Link, { status, result, error }: Params): unknown {
  if (status === 'completed') return result
  const { code, message, data } = Object(error) as {
    readonly code?: unknown
    readonly message?: unknown
    readonly data?: unknown
  }
  if (typeof code === 'number') throw new RpcError(code, String(message), { data })
  throw new Fault('upstream', `The task that upstream ${alias} made of the call ended as ${String(status).slice(0, 40)}.`)
}

/** What it asks and was not answered before: it may be a while until a server has taken an answer. */
function newlyAsked({ inputRequests }: Params, answered: Set<string>): RelayedResult | undefined {
  const fresh = Object.entries(Object(inputRequests) as Params).filter(([key]) => !answered.has(key))
  for (const [key] of fresh) answered.add(key)
  return fresh.length === 0 ? undefined : { inputRequests: Object.fromEntries(fresh) }
}

function pollMsOf({ pollIntervalMs }: Params): number {
  const wished = typeof pollIntervalMs === 'number' ? pollIntervalMs : POLL_MS.default
  return Math.min(Math.max(wished, POLL_MS.least), POLL_MS.most)
}
