import type { JsonSchema, Tool } from '../../contract/tool.ts'
import type { Gatehouse } from '../../core/gatehouse.ts'
import { isObject } from './schema-form/shape.ts'

/** A tool's input schema, in which the fields that an operation calls secret are written without being seen. */
export function formSchema({ operations }: Gatehouse, tool: Tool): JsonSchema {
  const { inputSchema } = tool.definition
  const secret = operations.find(({ name }) => name === tool.name)?.operation.secret ?? []
  const { properties } = inputSchema
  if (secret.length === 0 || !isObject(properties)) return inputSchema
  const entries = Object.entries(properties).map(([name, one]) => [
    name,
    secret.includes(name) && isObject(one) && one['type'] === 'string' ? { ...one, format: 'password' } : one,
  ])
  return { ...inputSchema, properties: Object.fromEntries(entries) }
}
