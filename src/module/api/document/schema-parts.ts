import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'

const ONE = ['items', 'additionalProperties'] as const
const LISTS = ['anyOf', 'allOf', 'prefixItems'] as const

/** A normalised schema with every schema directly within it replaced. */
export function mapSchemas(node: JsonSchema, replace: (schema: JsonSchema) => JsonSchema): JsonSchema {
  const mapped: Record<string, unknown> = { ...node }
  for (const key of ONE) if (isNode(node[key])) mapped[key] = replace(node[key])
  for (const key of LISTS) if (Array.isArray(node[key])) mapped[key] = (node[key] as JsonSchema[]).map(replace)
  if (isNode(node['properties'])) {
    mapped['properties'] = Object.fromEntries(
      Object.entries(node['properties']).map(([name, schema]) => [name, replace(schema as JsonSchema)]),
    )
  }
  return mapped
}

/** Every schema directly within a normalised one. */
export function schemasIn(node: JsonSchema): JsonSchema[] {
  const found: JsonSchema[] = []
  mapSchemas(node, (schema) => {
    found.push(schema)
    return schema
  })
  return found
}
