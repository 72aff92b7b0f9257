import { expect, test } from 'vitest'
import { editRows } from '../../../../src/transport/web/schema-form/edit-rows.ts'
import { formOf } from '../../../../src/transport/web/schema-form/form-of.ts'

const object = (properties: object, required: string[] = []) => ({ type: 'object', properties, required })

test('gives every kind of value the input that suits it', () => {
  const kinds = (properties: object) => formOf(object(properties)).fields.map(({ kind, long, secret }) => [kind, long, secret])

  expect(
    kinds({
      a: { type: 'string' },
      content: { type: 'string' },
      password: { type: 'string' },
      b: { type: 'integer' },
      c: { type: 'boolean' },
      d: { enum: [1, 2] },
      e: { type: 'array', items: { enum: ['x'] } },
      f: { type: 'array', items: { type: 'string' } },
      g: object({ x: { type: 'string' } }),
      h: { type: 'object', additionalProperties: { type: 'string' } },
      i: { oneOf: [object({ x: {} }), object({ y: {} })] },
      j: { const: 'fixed' },
      k: {},
    }).map(([kind]) => kind),
  ).toEqual([
    'text',
    'text',
    'text',
    'number',
    'boolean',
    'choice',
    'choices',
    'list',
    'object',
    'map',
    'json',
    'constant',
    'json',
  ])
  expect(kinds({ content: { type: 'string' }, password: { type: 'string' } })).toEqual([
    ['text', true, false],
    ['text', false, true],
  ])
})

test('carries label, description, requirement, limits and default of a field', () => {
  const [field] = formOf(
    object({ n: { type: 'integer', title: 'How many', description: 'At most nine.', maximum: 9, default: 3 } }, []),
  ).fields

  expect(field).toMatchObject({
    label: 'How many',
    description: 'At most nine.',
    required: false,
    limits: { step: 1, max: 9 },
    placeholder: 'default: 3',
  })
})

test('puts an error at its field, and one without a field on top', () => {
  const details = [
    { path: '/a', message: 'expected a number' },
    { path: '/elsewhere', message: 'unknown field' },
  ]

  const form = formOf(object({ a: { type: 'number' } }), { a: 'x' }, { details })

  expect(form.fields[0]).toMatchObject({ error: 'expected a number', text: 'x' })
  expect(form.errors).toEqual([details[1]])
})

test('never shows again what was typed as a secret', () => {
  expect(formOf(object({ apiKey: { type: 'string' } }), { apiKey: 'sk-1' }).fields[0]).toMatchObject({
    text: '',
    type: 'password',
  })
})

test('ends a schema that refers to itself', () => {
  const tree = {
    $defs: { node: object({ value: { type: 'string' }, next: { $ref: '#/$defs/node' } }) },
    ...object({ root: { $ref: '#/$defs/node' } }),
  }

  const depth = (fields: readonly { fields: readonly never[] }[]): number =>
    fields.length === 0 ? 0 : 1 + Math.max(...fields.map((one) => depth(one.fields)))

  expect(depth(formOf(tree).fields as never)).toBeLessThan(8)
})

test.each([
  ['a reference to nowhere', { $ref: '#/$defs/none' }],
  ['a reference to itself', { $ref: '#' }],
  ['a broken reference', { $ref: '#/%E0%A4%A' }],
  ['a reference to another site', { $ref: 'https://example.com/schema' }],
  ['no type', {}],
  ['a union', { oneOf: [{ type: 'string' }, { type: 'number' }] }],
])('asks for JSON where a whole schema is %s', (_, schema) => {
  expect(formOf(schema).jsonOnly).toBe(true)
})

test('asks for JSON where a schema has more fields than anybody fills in', () => {
  const wide = object(Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`f${at}`, { type: 'string' }])))

  expect(formOf(wide)).toMatchObject({ jsonOnly: true, fields: [] })
})

test('draws a wide schema that refers to itself without following it far', () => {
  const wide = object(Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`p${at}`, { $ref: '#' }])))

  expect(formOf(wide)).toMatchObject({ jsonOnly: true, fields: [] })
})

test('adds and removes rows, also deep inside', () => {
  expect(editRows({}, 'add:/tags')).toEqual({ tags: [undefined] })
  expect(editRows({ tags: ['a', 'b'] }, 'remove:/tags/0')).toEqual({ tags: ['b'] })
  expect(editRows({ rows: [{ tags: ['a'] }] }, 'add:/rows/0/tags')).toEqual({ rows: [{ tags: ['a', undefined] }] })
  expect(editRows({ 'a/b': ['x'] }, 'remove:/a~1b/0')).toEqual({ 'a/b': [] })
  expect(editRows({ a: 1 }, 'nonsense')).toEqual({ a: 1 })
})

test('shows a blank row that was just added', () => {
  const form = formOf(object({ tags: { type: 'array', items: { type: 'string' } } }), { tags: ['a', undefined] })

  expect(form.fields[0]?.fields.map(({ name, text }) => [name, text])).toEqual([
    ['/tags/0', 'a'],
    ['/tags/1', ''],
  ])
})
