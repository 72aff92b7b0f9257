import { expect, test } from 'vitest'
import { relocate } from '../../../../src/transport/rest/openapi/relocate.ts'

const PLACE = '#/components/schemas/x'

test('local references are led to the new place, loops included', () => {
  const schema = {
    properties: { child: { $ref: '#' }, node: { $ref: '#/$defs/node' } },
    $defs: { node: { items: { $ref: '#/$defs/node' } } },
  }

  expect(relocate(schema, PLACE)).toEqual({
    properties: { child: { $ref: PLACE }, node: { $ref: `${PLACE}/$defs/node` } },
    $defs: { node: { items: { $ref: `${PLACE}/$defs/node` } } },
  })
})

test.each(['https://example.com/schema.json', '#/$defs/missing', '#anchor', '#/%zz', 'other.json#/a'])(
  'the reference %s, which leads out or nowhere, is left out and the rest stays',
  ($ref) => {
    expect(relocate({ properties: { a: { $ref, description: 'kept' } } }, PLACE)).toEqual({
      properties: { a: { description: 'kept' } },
    })
  },
)

test('a parameter called $ref, $id or default is a parameter', () => {
  const schema = {
    type: 'object',
    properties: { $ref: { type: 'string' }, $id: { type: 'string' }, default: { $ref: '#/$defs/d' } },
    $defs: { d: {} },
  }

  expect(relocate(schema, PLACE)).toEqual({
    ...schema,
    properties: { ...schema.properties, default: { $ref: `${PLACE}/$defs/d` } },
  })
})

test('data that looks like a reference is data', () => {
  const schema = { default: { $ref: '#/nowhere' }, enum: [{ $ref: '#/nowhere' }] }

  expect(relocate(schema, PLACE)).toEqual(schema)
})

test('an identity that would move the base of references is taken off', () => {
  expect(
    relocate({ $schema: 'https://json-schema.org/draft/2020-12/schema', $id: 'https://a/b', type: 'object' }, PLACE),
  ).toEqual({ type: 'object' })
})
