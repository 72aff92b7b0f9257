import type { JsonSchema } from '../../../contract/tool.ts'
import { isFileSchema } from './file-schema.ts'

/** As most generators of schemas say it, so that every client has met it: one of two. */
export function nullable(node: JsonSchema, schema: JsonSchema): JsonSchema {
  const { type } = node
  const takesNull =
    node['nullable'] === true ||
    node['x-nullable'] === true ||
    (Array.isArray(type) && type.length > 1 && type.includes('null')) ||
    (Array.isArray(node['enum']) && node['enum'].includes(null) && schema['type'] !== 'null')
  if (!takesNull || isFileSchema(schema) || Object.keys(schema).every((key) => key === 'description')) return schema
  const { description, ...rest } = schema
  const words = description === undefined ? {} : { description }
  const own = Object.keys(rest).length === 1 && Array.isArray(rest['anyOf']) ? (rest['anyOf'] as JsonSchema[]) : [rest]
  return { ...words, anyOf: own.some((each) => each['type'] === 'null') ? own : [...own, { type: 'null' }] }
}
