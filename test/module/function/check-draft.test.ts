import { expect, test } from 'vitest'
import { schemaProblems } from '../../../src/module/function/check-draft.ts'
import { sampleInput } from '../../../src/module/function/sample-input.ts'

test('a schema that can be judged by is no problem', () => {
  const tree = { type: 'object', properties: { child: { $ref: '#' }, name: { type: 'string', pattern: '^a+$' } } }

  expect(schemaProblems('inputSchema', tree)).toEqual([])
  expect(schemaProblems('outputSchema', undefined)).toEqual([])
  expect(schemaProblems('outputSchema', { type: 'string' })).toEqual([])
})

test.each([
  ['arguments that are no object', { type: 'string' }, 'must be "object"'],
  ['a circle', { type: 'object', allOf: [{ $ref: '#' }] }, 'run in a circle'],
  ['a reference to elsewhere', { type: 'object', properties: { a: { $ref: 'https://x.example/s' } } }, 'nothing is fetched'],
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
