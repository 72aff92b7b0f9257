import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from '../../../contract/tool.ts'
import { isNode } from '../../../core/schema/schema-walk.ts'

/** A file in a multipart body, as a caller gives it. */
export const FILE_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'A file.',
  properties: {
    name: { type: 'string', description: 'Name of the file, without folders.' },
    mimeType: { type: 'string', description: 'Media type, e.g. image/png.' },
    base64: { type: 'string', description: 'Its content in base64.' },
  },
  required: ['base64'],
  additionalProperties: false,
}

/** Whether a schema is that of a file. */
export const isFileSchema = ({ properties }: JsonSchema): boolean => isDeepStrictEqual(properties, FILE_SCHEMA['properties'])

/** Whether a schema of a form's field asks for a file, or for several. */
export const asksForFile = (schema: JsonSchema): boolean =>
  isFileSchema(schema) || (isNode(schema['items']) && isFileSchema(schema['items']))
