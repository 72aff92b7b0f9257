import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'

const MAX_DEPTH = 10

/** A file in a multipart body, as a caller gives it. */
export const FILE_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'A file.',
  properties: {
    name: { type: 'string', description: 'Name of the file, without folders.' },
    mimeType: { type: 'string', description: 'Media type, e.g. image/png.' },
    base64: { type: 'string', description: 'Its content in base64, or else:' },
    ref: { type: 'string', description: 'The resultRef of a kept result of yours, whose file or text is its content.' },
  },
  additionalProperties: false,
}

/** Whether a schema is that of a file. */
export const isFileSchema = ({ properties }: JsonSchema): boolean => isDeepStrictEqual(properties, FILE_SCHEMA['properties'])

/** What the schema of a form's field asks for: a file or several, and whether it takes a text instead. */
export function fileAsked(schema: JsonSchema, root: JsonSchema): { readonly isFile: boolean; readonly takesText: boolean } {
  const all = alternatives(schema, root, 0)
  const isFile = all.some(isFileSchema)
  return { isFile, takesText: isFile && all.some(({ type }) => type === 'string') }
}

/** What a value, or each item of a list, may be; references followed. */
function alternatives(schema: JsonSchema, root: JsonSchema, depth: number): JsonSchema[] {
  if (depth > MAX_DEPTH || isFileSchema(schema)) return [schema]
  const { $ref, anyOf, allOf, items } = schema
  const within = [anyOf, allOf].flatMap((list) => (Array.isArray(list) ? list.filter(isNode) : []))
  if (typeof $ref === 'string') within.push(definition(root, $ref))
  if (isNode(items)) within.push(items)
  return [schema, ...within.flatMap((each) => alternatives(each, root, depth + 1))]
}

/** What a reference of a finished schema names. */
export const definition = (root: JsonSchema, ref: string): JsonSchema =>
  (root['$defs'] as JsonSchema)[ref.slice('#/$defs/'.length)] as JsonSchema
