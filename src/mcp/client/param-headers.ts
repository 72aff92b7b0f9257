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

/**
 * Arguments as they are to be judged by their schema: where it asks for a header, null is as good as nothing (MCP 2026-07-28, "Server
 * Behavior for Custom Headers").
 */
export function withoutNullParams(schema: JsonSchema, args: unknown): unknown {
  const nulls = fieldsOf(schema).fields.filter(({ path }) => valueAt(args, path) === null)
  return nulls.reduce((left, { path }) => without(left as Record<string, unknown>, path), args)
}

function without(value: Readonly<Record<string, unknown>>, [key, ...rest]: readonly string[]): Readonly<Record<string, unknown>> {
  const { [key!]: inner, ...others } = value
  return rest.length === 0 ? others : { ...others, [key!]: without(inner as Record<string, unknown>, rest) }
}

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
