import type { JsonSchema } from '../../contract/tool.ts'

const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/**
 * Give the texts of a query or path the types that a schema asks for.
 *
 * Decides nothing: what does not look like the type stays text, and the door says what is wrong with it.
 */
export function typedQuery(schema: JsonSchema, texts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema>>
  return Object.fromEntries(
    Object.entries(texts).map(([name, value]) => [
      name,
      Object.hasOwn(properties, name) ? typed(properties[name]!, value) : value,
    ]),
  )
}

function typed(schema: JsonSchema, value: unknown): unknown {
  const types = typesOf(schema)
  if (types.has('array') && !types.has('string')) {
    const items = (schema['items'] ?? {}) as JsonSchema
    return [value].flat().map((item) => typed(items, item))
  }
  if (typeof value !== 'string' || types.has('string')) return value
  if ((types.has('number') || types.has('integer')) && NUMBER.test(value)) return Number(value)
  if (types.has('boolean') && (value === 'true' || value === 'false')) return value === 'true'
  if (types.has('object') && value.startsWith('{')) return parsed(value)
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** The JSON types that a schema lets through, as far as it says; an `enum` or `const` counts by its values. */
export function typesOf(schema: JsonSchema): ReadonlySet<string> {
  const own = [schema['type'] ?? []].flat() as string[]
  const values = [...((schema['enum'] ?? []) as unknown[]), ...('const' in schema ? [schema['const']] : [])]
  const inner = ['anyOf', 'oneOf', 'allOf'].flatMap((key) => (schema[key] ?? []) as JsonSchema[])
  return new Set([
    ...own,
    ...(own.length > 0 ? [] : values.map((value) => typeof value)),
    ...inner.flatMap((one) => [...typesOf(one)]),
  ])
}
