import { Fault, type FaultDetail } from '../../contract/fault.ts'
import type { Tool } from '../../contract/tool.ts'
import type { OperationRoute } from './operation-routes.ts'
import { typedQuery } from './typed-query.ts'

/** The parts of a request that input comes from. */
interface Sent {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

/** What goes to the door: the arguments, and what the request itself got wrong. */
export interface OperationInput {
  readonly args: unknown
  readonly malformed: Fault | undefined
}

/** Put an operation's input together from path, query and body. The door judges it. */
export function operationInput(tool: Tool, route: OperationRoute, sent: Sent): OperationInput {
  const texts = { ...(sent.query as object), ...(sent.params as object) }
  if (route.source === 'query') {
    return { args: typedQuery(tool.definition.inputSchema, texts), malformed: misplaced(route, sent) }
  }
  const params = typedQuery(tool.definition.inputSchema, sent.params as Record<string, unknown>)
  if (!isObject(sent.body ?? {})) return { args: sent.body, malformed: misplaced(route, sent) }
  return { args: { ...(sent.body as object | undefined), ...params }, malformed: misplaced(route, sent, params) }
}

/** What stands where it would be ignored, or says two things at once. */
function misplaced(
  route: OperationRoute,
  { query, body }: Sent,
  params: Readonly<Record<string, unknown>> = {},
): Fault | undefined {
  const details: FaultDetail[] = []
  const say = (name: string, message: string): void => void details.push({ path: `/${name}`, message })
  const queried = Object.keys(query as object)
  if (route.source === 'query') {
    for (const name of queried) if (route.pathFields.includes(name)) say(name, 'It stands in the path; leave it out of the query')
    if (body !== undefined)
      details.push({ path: '', message: `${route.method} takes its input from path and query; send no body` })
  } else {
    for (const name of queried) say(name, `${route.method} takes its input from path and body; leave it out of the query`)
    for (const name of route.pathFields) {
      const twice = isObject(body) && Object.hasOwn(body, name) && body[name] !== params[name]
      if (twice) say(name, 'The path and the body name different values; leave it out of the body')
    }
  }
  if (details.length === 0) return undefined
  const listed = details.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')
  return new Fault('invalid', `The request is put together wrongly: ${listed}.`, { details })
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
