import { expect, test } from 'vitest'
import { sampleInput } from '../../../src/core/sample-input.ts'
import { schemaProblems } from '../../../src/module/function/check-draft.ts'

test('a schema that can be judged by is no problem', () => {
  const tree = { type: 'object', properties: { child: { $ref: '#' }, name: { type: 'string', pattern: '^a+$' } } }

  expect(schemaProblems('inputSchema', tree)).toEqual([])
  expect(schemaProblems('outputSchema', undefined)).toEqual([])
  expect(schemaProblems('outputSchema', { type: 'string' })).toEqual([])
})

test.each([
  { type: ['string', 'null'], enum: [{ type: 5 }], const: { required: 1 }, default: { properties: 5 } },
  { $schema: 'http://json-schema.org/draft-04/schema#', minimum: 1, exclusiveMinimum: true },
  { properties: { type: { type: 'string' }, enum: true, required: {}, $ref: { type: 'string' } }, additionalProperties: false },
  { items: [{ type: 'string' }, true], dependencies: { a: ['b'], c: { required: ['d'] } }, description: 5, 'x-own': [1] },
])('what a schema may say is no problem: %j', (schema) => {
  expect(schemaProblems('outputSchema', schema)).toEqual([])
})

test.each([
  ['arguments that are no object', { type: 'string' }, 'must be "object"'],
  ['a circle', { type: 'object', allOf: [{ $ref: '#' }] }, 'run in a circle'],
  ['a reference to elsewhere', { type: 'object', properties: { a: { $ref: 'https://x.example/s' } } }, 'nothing is fetched'],
  [
    'a type that there is not',
    { type: 'object', properties: { a: { type: 'text' } } },
    'at /properties/a/type one of object, array',
  ],
  ['properties that are none', { type: 'object', properties: 5 }, 'at /properties schemas by name'],
  ['a field that must be there, but is no list', { type: 'object', required: 'a' }, 'at /required a list of names'],
  ['values that are no list', { type: 'object', properties: { a: { enum: 5 } } }, 'at /properties/a/enum a list'],
  [
    'alternatives that are no list',
    { type: 'object', properties: { a: { anyOf: 7 } } },
    'at /properties/a/anyOf a list of schemas',
  ],
  ['an item that is no schema', { type: 'object', properties: { a: { items: [null] } } }, 'at /properties/a/items a schema'],
  ['a length that is none', { type: 'object', allOf: [{ minLength: 'x' }] }, 'at /allOf/0/minLength a whole number'],
  ['more than clients could be sent', { type: 'object', title: 'x'.repeat(70_000) }, 'a schema may have 65536'],
  ['a broken pattern', { type: 'object', properties: { a: { type: 'string', pattern: '(' } } }, 'not a regular expression'],
])('%s keeps a draft from being published', (_, schema, message) => {
  expect(schemaProblems('inputSchema', schema)).toMatchObject([
    { in: 'inputSchema', line: null, message: expect.stringContaining(message) },
  ])
})

test('a test begins with the fields that must be there', () => {
  const schema = {
    required: ['a', 'b', 'c', 'd', 'e'],
    properties: {
      a: { type: 'integer' },
      b: { enum: ['x', 'y'] },
      c: { type: 'string', default: 'z' },
      d: {},
      not: { type: 'string' },
    },
  }

  expect(sampleInput(schema)).toEqual({ a: 0, b: 'x', c: 'z', d: null, e: null })
})
