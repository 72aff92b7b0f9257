import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import { RPC, RpcError } from '../rpc.ts'
import type { Backend } from './backend.ts'
import { enteredName } from './entered-name.ts'
import { promptName, resourceName, templateName } from './listed-names.ts'
import { isRecord } from './message.ts'

type Params = Readonly<Record<string, unknown>>

/** Where a request goes once it is at the door. */
export interface Target {
  /** What the door calls it. */
  readonly name: string
  readonly args: unknown
  /** Fields of `params` that `name` and `args` say already; all others travel on as `Entry.extra`. */
  readonly used: readonly string[]
  /** What is wrong with the arguments; told after rights have been looked at. */
  readonly malformed?: Fault
}

/** What is asked, by whom, at which address. */
export interface Asked {
  readonly backend: Backend
  readonly caller: Caller
  /** The one source that the address serves; `undefined` for all. */
  readonly source: string | undefined
  readonly method: string
  readonly params: Params
}

/** Longest name or URI that is looked for, in characters. */
const MAX_NAME_CHARS = 8_192

type Aim = (asked: Asked) => Target

/** Methods that pass the door, and how each finds its target. The same in both eras, but for those that an era does not have. */
const AIMS: ReadonlyMap<string, Aim> = new Map<string, Aim>([
  ['tools/call', aimAtTool],
  ['prompts/get', aimAtPrompt],
  ['resources/read', aimAtResource],
  ['completion/complete', aimAtCompletion],
  ['resources/subscribe', (asked) => aimAtSubscription(asked, true)],
  ['resources/unsubscribe', (asked) => aimAtSubscription(asked, false)],
  ['tasks/get', aimAtTask],
  ['tasks/result', aimAtTask],
  ['tasks/cancel', aimAtTask],
  ['tasks/update', aimAtTask],
  ['tasks/list', ({ method, params }) => ({ name: 'task:list', args: { method, params }, used: Object.keys(params) })],
])

/**
 * Find what a request means. What does not exist gets a name that nothing can have, so that the door refuses and records it.
 *
 * The arguments are `arguments` of a tool or prompt, `{uri}` of a resource or template, `{argument, context?}` of a completion, `{on, uri}`
 * of a subscription and `{method, params}` of a task; URIs and ids are as the client sent them.
 *
 * @throws RpcError -32602 where the request does not say what it means
 */
export function targetOf(asked: Asked): Target {
  const aim = AIMS.get(asked.method)
  if (!aim) throw new RpcError(RPC.methodNotFound, `There is no method ${asked.method.slice(0, 100)} here.`)
  return aim(asked)
}

/** A subscription to one resource, for the stateless era, which has no method for it. @param on whether it begins or ends */
export const aimAtSubscription = ({ backend, caller, source, params }: Asked, on: boolean): Target => {
  const uri = textOf(params, 'uri', 'which resource is meant')
  return { name: `subscription:${resourceName(backend, caller, uri, source)}`, args: { on, uri }, used: ['uri'] }
}

function aimAtTool({ backend, source, params }: Asked): Target {
  const name = textOf(params, 'name', 'which tool is called')
  return withArguments(enteredName(backend, name, source), params)
}

function aimAtPrompt({ backend, caller, source, params }: Asked): Target {
  const name = textOf(params, 'name', 'which prompt is meant')
  return withArguments(promptName(backend, caller, name, source), params)
}

function aimAtResource({ backend, caller, source, params }: Asked): Target {
  const uri = textOf(params, 'uri', 'which resource is meant')
  return { name: resourceName(backend, caller, uri, source), args: { uri }, used: ['uri'] }
}

function aimAtCompletion({ backend, caller, source, params }: Asked): Target {
  const { ref, argument, context } = params
  if (!isRecord(ref)) throw invalid('The field ref must say what is completed.')
  const args = { argument, ...(context !== undefined && { context }) }
  return { name: `completion:${completed(backend, caller, ref, source)}`, args, used: ['ref', 'argument', 'context'] }
}

function completed(backend: Backend, caller: Caller, ref: Params, source: string | undefined): string {
  if (ref['type'] === 'ref/prompt') return promptName(backend, caller, textOf(ref, 'name', 'which prompt is meant'), source)
  if (ref['type'] !== 'ref/resource') throw invalid('The field ref.type must be ref/prompt or ref/resource.')
  return templateName(backend, caller, textOf(ref, 'uri', 'which resource is meant'), source)
}

function aimAtTask({ method, params }: Asked): Target {
  const id = textOf(params, 'taskId', 'which task is meant')
  // Nobody may reach the list by this way.
  return { name: id === 'list' ? 'task/list' : `task:${id}`, args: { method, params }, used: Object.keys(params) }
}

function withArguments(name: string, { arguments: args }: Params): Target {
  const malformed = args !== undefined && !isRecord(args)
  return {
    name,
    args: args ?? {},
    used: ['name', 'arguments'],
    ...(malformed && { malformed: new Fault('invalid', 'The field arguments must be an object.') }),
  }
}

function textOf(params: Params, field: string, meaning: string): string {
  const value = params[field]
  if (typeof value !== 'string' || value === '') throw invalid(`The field ${field} must say ${meaning}.`)
  if (value.length > MAX_NAME_CHARS) throw invalid(`The field ${field} must not be longer than ${MAX_NAME_CHARS} characters.`)
  return value
}

const invalid = (message: string): RpcError => new RpcError(RPC.invalidParams, message)
