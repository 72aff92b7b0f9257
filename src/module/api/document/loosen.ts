import type { JsonSchema } from '../../../contract/tool.ts'
import { mapSchemas } from './schema-parts.ts'

const SHAPE = new Set([
  '$ref',
  'type',
  'title',
  'description',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'prefixItems',
  'anyOf',
  'allOf',
])
const MOST_VALUES = 12

/**
 * What a schema says of the shape of a value, with its formats and lists of values in words.
 *
 * For answers: clients refuse an answer that breaks a promise, and APIs add values to lists and bend formats.
 */
export function loosen(node: JsonSchema): JsonSchema {
  const shape = Object.fromEntries(Object.entries(node).filter(([key]) => SHAPE.has(key)))
  const said = String(node['description'] ?? '')
  const notes = [
    ...(node['format'] === undefined ? [] : [`(format: ${String(node['format'])})`]),
    ...valuesNote(node['enum'], said),
  ]
  const description = [...(said === '' ? [] : [said]), ...notes].join(' ')
  return mapSchemas(description === '' ? shape : { ...shape, description }, loosen)
}

function valuesNote(values: unknown, said: string): string[] {
  // Where each value is explained, they are all there.
  if (!Array.isArray(values) || said.includes(`${String(values[0])}: `)) return []
  const listed = values.slice(0, MOST_VALUES).join(', ').slice(0, 300)
  return [`(${listed}${values.length > MOST_VALUES ? ', …' : ''})`]
}
