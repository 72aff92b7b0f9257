import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'
import { mapSchemas } from './schema-parts.ts'

/** Stands for a property that is not shown (`readOnly` in arguments), until all that says something of it was merged. */
export const HIDDEN: JsonSchema = { 'x-hidden': true }

/** A schema without its hidden properties, which nobody has to give either. */
export const withoutHidden = (node: JsonSchema): JsonSchema => mapSchemas(shown(node), withoutHidden)

function shown(node: JsonSchema): JsonSchema {
  const { properties, required, ...rest } = node
  if (!isNode(properties) || !Object.values(properties).some(isHidden)) return node
  const visible = Object.entries(properties).filter(([, each]) => !isHidden(each))
  const needed = Array.isArray(required)
    ? required.filter((name) => !(Object.hasOwn(properties, name) && isHidden(properties[name])))
    : []
  return {
    ...rest,
    ...(visible.length > 0 ? { properties: Object.fromEntries(visible) } : {}),
    ...(needed.length > 0 ? { required: needed } : {}),
  }
}

const isHidden = (schema: unknown): boolean => isNode(schema) && schema['x-hidden'] === true
