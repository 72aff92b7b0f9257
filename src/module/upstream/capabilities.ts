import type { Client } from '../../contract/visit.ts'
import type { Params } from './question.ts'

/** What an operator can forbid a server to ask of clients; also the capability that it takes. */
export const ASKABLE = ['sampling', 'elicitation', 'roots'] as const

export type Askable = (typeof ASKABLE)[number]

/** The capability that a client needs to be asked by a method. */
const NEEDS: Readonly<Record<string, Askable | 'tasks'>> = {
  'sampling/createMessage': 'sampling',
  'elicitation/create': 'elicitation',
  'roots/list': 'roots',
  // A client that does as a task what it was asked for is asked how it stands (MCP 2025-11-25).
  'tasks/get': 'tasks',
  'tasks/result': 'tasks',
  'tasks/list': 'tasks',
  'tasks/cancel': 'tasks',
}

/** `undefined` for what no client can be asked. */
export const neededFor = (method: string): Askable | 'tasks' | undefined =>
  Object.hasOwn(NEEDS, method) ? NEEDS[method] : undefined

/**
 * What the connection that lists tools declares: all that clients may be able to do, because servers offer some tools only to clients that
 * can be asked.
 */
export const widestCapabilities = (denied: readonly Askable[]): Params =>
  without({ sampling: { tools: {}, context: {} }, elicitation: { form: {}, url: {} }, roots: { listChanged: true } }, denied)

/** What a line declares: what its client did, less what the operator forbids. */
export const mirroredCapabilities = (client: Client | undefined, denied: readonly Askable[]): Params =>
  client === undefined ? {} : without(client.capabilities, denied)

/** The extension by which servers of the stateless era answer with tasks. */
const TASKS = 'io.modelcontextprotocol/tasks'

/** What a request of the stateless era declares: clients of the session era know no tasks of it, whatever they declare. */
export function statelessCapabilities(client: Client | undefined, denied: readonly Askable[]): Params {
  const capabilities = mirroredCapabilities(client, denied)
  const extensions = capabilities['extensions'] as Params | undefined
  if (client?.takesInputRequired || extensions?.[TASKS] === undefined) return capabilities
  const { [TASKS]: _tasks, ...others } = extensions
  return { ...capabilities, extensions: others }
}

/**
 * Whether a call of this client may wait for answers that come with calls of their own. On a line without streams it must then be the only
 * call, because nothing else says which one a question belongs to.
 */
export const needsAnswers = (client: Client | undefined): boolean =>
  client?.takesInputRequired === true && ASKABLE.some((name) => client.capabilities[name] !== undefined)

function without(capabilities: Params, denied: readonly string[]): Params {
  if (denied.length === 0) return capabilities
  return Object.fromEntries(Object.entries(capabilities).filter(([name]) => !denied.includes(name)))
}
