import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'

const LOWEST = new Set(['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'])
const HIGHEST = new Set(['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'])
/** What the later of two says, when both say something. */
const LATER = new Set(['description', 'title', 'default', 'examples'])

/**
 * One schema that accepts what both accept, without `allOf` as far as that goes: many clients do not know it.
 *
 * `additionalProperties: false` on both sides is read as authors of documents mean it: no properties besides those of the two.
 */
export function mergeSchemas(first: JsonSchema, second: JsonSchema): JsonSchema {
  const merged: Record<string, unknown> = { ...first }
  for (const [key, value] of Object.entries(second)) {
    const own = Object.hasOwn(first, key) ? first[key] : undefined
    const both = own === undefined || isDeepStrictEqual(own, value) ? value : combine(key, own, value)
    if (both === undefined) return asAllOf(first, second)
    merged[key] = both
  }
  return merged
}

/** `undefined`: one keyword cannot say it. */
function combine(key: string, own: unknown, other: unknown): unknown {
  if (LATER.has(key)) return other
  if (LOWEST.has(key)) return Math.min(own as number, other as number)
  if (HIGHEST.has(key)) return Math.max(own as number, other as number)
  if (key === 'type')
    return own === 'number' && other === 'integer' ? other : own === 'integer' && other === 'number' ? own : undefined
  if (key === 'required') return [...new Set([...(own as string[]), ...(other as string[])])]
  if (key === 'properties') return mergeProperties(own as JsonSchema, other as JsonSchema)
  if (key === 'enum') return common(own as unknown[], other as unknown[])
  if (key === 'items') return isNode(own) && isNode(other) ? mergeSchemas(own, other) : undefined
  if (key === 'additionalProperties') return own === true ? other : other === true ? own : undefined
  if (key === 'allOf') return [...(own as unknown[]), ...(other as unknown[])]
  return undefined
}

/** A list without any value is none that validators take. */
function common(own: readonly unknown[], other: readonly unknown[]): unknown[] | undefined {
  const both = own.filter((each) => other.some((value) => isDeepStrictEqual(each, value)))
  return both.length > 0 ? both : undefined
}

function mergeProperties(own: JsonSchema, other: JsonSchema): JsonSchema {
  const merged = new Map(Object.entries(own))
  for (const [name, schema] of Object.entries(other)) {
    const before = merged.get(name)
    merged.set(name, isNode(before) && isNode(schema) ? mergeSchemas(before, schema) : schema)
  }
  return Object.fromEntries(merged)
}

function asAllOf(first: JsonSchema, second: JsonSchema): JsonSchema {
  if (isNode(first) && Object.keys(first).length === 1 && Array.isArray(first['allOf']))
    return { allOf: [...first['allOf'], second] }
  return { allOf: [first, second] }
}
