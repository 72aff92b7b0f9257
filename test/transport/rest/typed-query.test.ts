import { expect, test } from 'vitest'
import { z } from 'zod'
import type { JsonSchema } from '../../../src/contract/tool.ts'
import { typedQuery } from '../../../src/transport/rest/typed-query.ts'

const schema = z.toJSONSchema(
  z.strictObject({
    limit: z.int().optional(),
    ratio: z.number().optional(),
    on: z.boolean().default(false),
    text: z.string().optional(),
    textOrNumber: z.union([z.string(), z.number()]).optional(),
    maybe: z.int().nullable().optional(),
    tags: z.array(z.string()).optional(),
    ids: z.array(z.int()).optional(),
    filter: z.strictObject({ a: z.int() }).optional(),
    level: z.literal([1, 2]).optional(),
  }),
  { io: 'input' },
) as JsonSchema

test.each<[title: string, sent: Record<string, unknown>, got: Record<string, unknown>]>([
  ['an integer', { limit: '5' }, { limit: 5 }],
  ['a negative number with an exponent', { ratio: '-1.5e3' }, { ratio: -1500 }],
  ['a boolean', { on: 'true' }, { on: true }],
  ['a number that may be null', { maybe: '7' }, { maybe: 7 }],
  ['a literal number', { level: '2' }, { level: 2 }],
  ['a single value of an array', { tags: 'a' }, { tags: ['a'] }],
  ['a repeated value of an array', { ids: ['1', '2'] }, { ids: [1, 2] }],
  ['an object as JSON text', { filter: '{"a":1}' }, { filter: { a: 1 } }],
])('%s gets its type', (_title, sent, got) => {
  expect(typedQuery(schema, sent)).toEqual(got)
})

test.each<[title: string, sent: Record<string, unknown>]>([
  ['digits where text is asked for', { text: '5' }],
  ['digits where text is possible too', { textOrNumber: '5' }],
  ['what is no number', { limit: '5 apples' }],
  ['hexadecimal, which JSON does not have', { limit: '0x10' }],
  ['a number with leading zeros', { limit: '007' }],
  ['an empty text for a number', { limit: '' }],
  ['yes for a boolean', { on: 'yes' }],
  ['broken JSON for an object', { filter: '{"a":' }],
  ['a field that the schema does not know', { misspelt: '5' }],
  ['the name of an inherited property', { constructor: '5' }],
])('%s stays as it was sent', (_title, sent) => {
  expect(typedQuery(schema, sent)).toEqual(sent)
})
