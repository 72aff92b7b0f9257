import type { JsonSchema } from '../../../contract/tool.ts'

/** Keywords whose value maps names to schemas. */
const SCHEMA_MAPS = new Set(['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'])
/** Keywords whose value is data, in which `$ref` means nothing. */
const DATA = new Set(['const', 'enum', 'default', 'examples', 'example', 'required', 'dependentRequired'])
/** What would make references inside a schema mean something else than its place in the document. */
const LEFT_OUT = new Set(['$schema', '$id', 'id', '$anchor', '$dynamicAnchor', '$recursiveAnchor', '$vocabulary', '$comment'])

/**
 * Make a stand-alone JSON Schema fit into an OpenAPI document at `place` (`#/components/schemas/x`): local references are rewritten.
 *
 * A reference that leads nowhere or out of the schema is left out, since a document with one cannot be read by most tools.
 */
export function relocate(root: JsonSchema, place: string): JsonSchema {
  return walkSchema(root, root, place) as JsonSchema
}

function walkSchema(schema: unknown, root: JsonSchema, place: string): unknown {
  if (Array.isArray(schema)) return schema.map((one) => walkSchema(one, root, place))
  if (!isObject(schema)) return schema
  const entries = Object.entries(schema).flatMap(([key, value]): [string, unknown][] => {
    if (LEFT_OUT.has(key)) return []
    if (key === '$ref' || key === '$dynamicRef' || key === '$recursiveRef') return reference(key, value, root, place)
    if (DATA.has(key)) return [[key, value]]
    if (SCHEMA_MAPS.has(key) && isObject(value)) return [[key, mapValues(value, (one) => walkSchema(one, root, place))]]
    return [[key, walkSchema(value, root, place)]]
  })
  return Object.fromEntries(entries)
}

function reference(key: string, value: unknown, root: JsonSchema, place: string): [string, unknown][] {
  const isLocal = key === '$ref' && typeof value === 'string' && (value === '#' || value.startsWith('#/'))
  return isLocal && leadsSomewhere(value, root) ? [[key, place + value.slice(1)]] : []
}

function leadsSomewhere(pointer: string, root: JsonSchema): boolean {
  let here: unknown = root
  for (const part of pointer.split('/').slice(1)) {
    const key = unescapePointer(part)
    if (key === undefined || LEFT_OUT.has(key) || typeof here !== 'object' || here === null || !Object.hasOwn(here, key))
      return false
    here = (here as Record<string, unknown>)[key]
  }
  return typeof here === 'object' || typeof here === 'boolean'
}

/** RFC 6901, 4, in a URI fragment. */
function unescapePointer(part: string): string | undefined {
  try {
    return decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return undefined
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const mapValues = (object: Readonly<Record<string, unknown>>, map: (value: unknown) => unknown): Record<string, unknown> =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]))
