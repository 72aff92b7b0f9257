import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Answer, RelayedResult } from '../../contract/visit.ts'
import { attenuate } from '../../core/attenuate.ts'
import { type RunPayload, visitIdOf } from './invoke.ts'

/** Operations that wait for the lane themselves; within a job of the lane they could wait for ever. */
const WAITING = ['function_check', 'function_test', 'function_publish']

/** What a running function wants called. */
interface HostCall {
  readonly name: string
  readonly arguments?: unknown
}

/**
 * Call a tool, a prompt or a resource for a running function: through the door, as the function's caller stands at this moment, with no more rights than the version names.
 *
 * @returns plain JSON: what an operation answered, a tool's structured content, or else its text; a prompt or resource whole
 * @throws Fault `unauthorized` once the caller is gone, `upstream` for a tool that failed, or whatever the door refuses with
 */
export async function callTool(
  house: Pick<House, 'enter' | 'callerFor'>,
  payload: Pick<RunPayload, 'caller' | 'keys' | 'depth' | 'requestId' | 'sessionKey' | 'visit' | 'functionName'>,
  { name, arguments: args }: HostCall,
  signal: AbortSignal,
): Promise<unknown> {
  if (WAITING.includes(name)) throw new Fault('blocked', `A function may not call ${name}: it would wait for its own lane.`)
  const { requestId, sessionKey, depth } = payload
  const caller = await house.callerFor(payload.caller)
  if (!caller) {
    throw new Fault(
      'unauthorized',
      `${payload.functionName} runs for a token or user that is gone, revoked, disabled or expired, so it may call nothing any more.`,
    )
  }
  const parentId = visitIdOf(payload)
  const part = { isPart: true, ...(parentId !== undefined && { parentId }) }
  const entry = { transport: 'lane', requestId, sessionKey, signal, depth: depth + 1, ...part } as const
  try {
    return plain(name, await house.enter(attenuate(caller, payload.keys), name, args ?? {}, entry))
  } catch (thrown) {
    throw missingKey(thrown, caller, payload.functionName) ?? thrown
  }
}

/** Where its caller holds the right, its author forgot it: asking an administrator would not help. */
function missingKey(thrown: unknown, { grants }: Caller, functionName: string): Fault | undefined {
  if (!(thrown instanceof Fault) || thrown.code !== 'forbidden') return undefined
  const permit = thrown.data?.['permit']
  if (typeof permit !== 'string' || !grants.allows(permit)) return undefined
  const message = `${functionName} may not use the right ${permit}: its keys do not name it. Add it to the keys and publish the function anew.`
  return new Fault('forbidden', message, { data: { permit }, cause: thrown })
}

function plain(name: string, answer: Answer): unknown {
  if (answer.kind === 'data') return answer.data
  const { structuredContent, content, isError } = answer.result
  if (isError === true) throw new Fault('upstream', `${name} failed: ${textOf(content ?? []) || 'it said no more'}`)
  if (structuredContent !== undefined) return structuredContent
  // A prompt, or what was read of a resource.
  if (content === undefined) return answer.result
  // What is not all text stays in its blocks, so that nothing of it is lost.
  return content.every(({ type }) => type === 'text') ? textOf(content) : { content }
}

const textOf = (content: NonNullable<RelayedResult['content']>): string =>
  content.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n')
