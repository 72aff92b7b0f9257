import type { JsonSchema } from '../../contract/tool.ts'

/** What says something without ruling anything out. */
const SAYING = new Set(['$schema', '$ref', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly'])
const MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions'])
const LISTS = new Set(['anyOf', 'allOf', 'prefixItems'])

/**
 * The schema of an answer as clients are told it: its shape without its rules.
 *
 * MCP clients refuse a whole answer that does not fit (2025-11-25, server/tools, output schema), and APIs do not keep to their documents: what
 * must be there is missing, what is a text is null, lists of values grow. So what is left says which fields there are and what they mean, and
 * rules out next to nothing. Pure.
 */
export function toldSchema(schema: JsonSchema): JsonSchema {
  return { ...told(schema), type: 'object' }
}

function told(schema: unknown): JsonSchema {
  if (!isObject(schema)) return {}
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(schema)) {
    if (SAYING.has(key)) kept[key] = value
    else if (MAPS.has(key) && isObject(value)) kept[key] = mapped(value)
    else if (LISTS.has(key) && Array.isArray(value)) kept[key] = value.map(told)
    else if ((key === 'items' || key === 'additionalProperties') && isObject(value)) kept[key] = told(value)
    else if (key === 'type') kept['type'] = widened(value)
    else if (key === 'enum' && Array.isArray(value)) kept['examples'] = value
  }
  // Documents say "one of" where several fit.
  if (Array.isArray(schema['oneOf']) && kept['anyOf'] === undefined) kept['anyOf'] = schema['oneOf'].map(told)
  return kept
}

function widened(type: unknown): unknown {
  const types = [type].flat().map((one) => (one === 'integer' ? 'number' : one))
  return [...new Set([...types, 'null'])]
}

const mapped = (map: JsonSchema): JsonSchema => Object.fromEntries(Object.entries(map).map(([name, one]) => [name, told(one)]))

const isObject = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null && !Array.isArray(value)
