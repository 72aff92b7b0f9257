import { z } from 'zod'
import { isNode, type SchemaNode } from './schema-walk.ts'

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const
const TYPE_WANTED = `one of ${TYPES.join(', ')} was expected`
const type = z.enum(TYPES, TYPE_WANTED)

const number = z.number('a number was expected').optional()
const count = z.int('a whole number was expected').min(0, 'a whole number from 0 was expected').optional()
const text = z.string('a text was expected').optional()
const names = z.array(z.string('a name was expected'), 'a list of names was expected')
/** Before draft 6 a switch beside `minimum` and `maximum`. */
const bound = z.union([z.number(), z.boolean()], 'a number was expected').optional()

const isSchema = (value: unknown): boolean => typeof value === 'boolean' || isNode(value)
const schema = z.custom(isSchema, 'a schema was expected: an object, true or false')
const schemas = z.array(schema, 'a list of schemas was expected')
const named = z.record(z.string(), schema, 'schemas by name were expected').optional()

/** Keywords with one schema, as far as nothing else is allowed there. */
const ONE = ['not', 'if', 'then', 'else', 'contains', 'propertyNames', 'additionalProperties'] as const
const MORE = ['additionalItems', 'unevaluatedItems', 'unevaluatedProperties'] as const
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems'] as const
const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'] as const
const COUNTS = ['minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'minContains'] as const

const each = <K extends string, T>(keys: readonly K[], value: T): Record<K, T> =>
  Object.fromEntries(keys.map((key) => [key, value])) as Record<K, T>

/** What the keywords of one node must be, without what lies within. */
const Node = z.looseObject({
  ...each([...ONE, ...MORE], schema.optional()),
  ...each(LISTS, schemas.optional()),
  ...each(MAPS, named),
  ...each([...COUNTS, 'maxContains'], count),
  ...each(['minimum', 'maximum'], number),
  ...each(['exclusiveMinimum', 'exclusiveMaximum'], bound),
  ...each(['$ref', '$id', '$anchor', 'pattern', 'format'], text),
  type: z.union([type, z.array(type)], TYPE_WANTED).optional(),
  items: z.union([schema, schemas], 'a schema, or a list of such, was expected').optional(),
  enum: z.array(z.unknown(), 'a list of values was expected').optional(),
  required: names.optional(),
  dependentRequired: z.record(z.string(), names, 'lists of names were expected').optional(),
  dependencies: z.record(z.string(), z.union([names, schema]), 'schemas or lists of names were expected').optional(),
  multipleOf: z.number('a number was expected').positive('a number above 0 was expected').optional(),
  uniqueItems: z.boolean('true or false was expected').optional(),
})

/**
 * Where a schema is not written as JSON Schema is; `undefined` where it is. The validator would not say so: it breaks, or lets everything pass.
 *
 * Give it only schemas that are not too deep (`schemaLoop`).
 */
export const schemaTypo = (root: SchemaNode): string | undefined => typoIn(root, '')

function typoIn(node: unknown, path: string): string | undefined {
  if (!isNode(node)) return undefined
  const { error } = Node.safeParse(node)
  const issue = error?.issues[0]
  if (issue) return `at ${path}${issue.path.map((part) => `/${String(part)}`).join('')} ${issue.message}`.slice(0, 300)
  for (const [place, below] of within(node)) {
    const typo = typoIn(below, `${path}/${place}`)
    if (typo !== undefined) return typo
  }
  return undefined
}

/** The schemas within a node that is written well. */
function within(node: SchemaNode): (readonly [string, unknown])[] {
  const single = [...ONE, ...MORE, 'items'].map((key) => [key, node[key]] as const)
  const inside = [...LISTS, ...MAPS, 'items', 'dependencies'].flatMap((key) =>
    typeof node[key] === 'object' && node[key] !== null && !(key === 'items' && isNode(node[key]))
      ? Object.entries(node[key]).map(([name, below]) => [`${key}/${name}`, below] as const)
      : [],
  )
  return [...single, ...inside]
}
