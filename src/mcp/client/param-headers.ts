import type { JsonSchema } from '../../contract/tool.ts'
import { headerValue } from './header-value.ts'
import { type ParamFields, paramFields } from './param-fields.ts'

/**
 * The headers that a call to a tool carries besides, for `RequestOptions.headers`; `undefined` where its schema asks for none.
 *
 * Arguments of another type than the schema says stay out: their server refuses the call for the better reason.
 */
export function paramHeaders(schema: JsonSchema, args: unknown): Readonly<Record<string, string>> | undefined {
  const { fields } = fieldsOf(schema)
  if (fields.length === 0) return undefined
  const headers: Record<string, string> = {}
  for (const { header, path } of fields) {
    const value = valueAt(args, path)
    if (typeof value === 'string') headers[header] = headerValue(value)
    else if (typeof value === 'boolean' || Number.isSafeInteger(value)) headers[header] = String(value)
  }
  return headers
}

/** Why a server over HTTP must not offer a tool with this schema: sentences about its `x-mcp-header` annotations; none is well. */
export const headerFaults = (schema: JsonSchema): readonly string[] => fieldsOf(schema).faults

/** Reading a schema costs more than a call, and it is the same object for all calls. */
const known = new WeakMap<JsonSchema, ParamFields>()

function fieldsOf(schema: JsonSchema): ParamFields {
  const before = known.get(schema)
  if (before !== undefined) return before
  const read = paramFields(schema)
  known.set(schema, read)
  return read
}

function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, unknown>)[key]
  }
  return value
}
