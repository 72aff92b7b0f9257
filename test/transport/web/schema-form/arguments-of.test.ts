import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argumentsOf } from '../../../../src/transport/web/schema-form/arguments-of.ts'
import { type FormField, formOf } from '../../../../src/transport/web/schema-form/form-of.ts'

const schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    note: { type: 'string' },
    count: { type: 'integer' },
    ratio: { type: 'number' },
    flag: { type: 'boolean' },
    mode: { enum: ['fast', 'slow', 3, null] },
    modes: { type: 'array', items: { enum: ['a', 'b', 1] } },
    tags: { type: 'array', items: { type: 'string' } },
    env: { type: 'object', additionalProperties: { type: 'string' } },
    filter: { type: 'object', properties: { limit: { type: 'integer' }, text: { type: 'string' } }, required: ['limit'] },
    rows: {
      type: 'array',
      items: { type: 'object', properties: { key: { type: 'string' }, on: { type: 'boolean' } }, required: ['key'] },
    },
    either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    maybe: { anyOf: [{ type: 'integer' }, { type: 'null' }] },
  },
  required: ['name'],
}

test('reads each kind of field into a value of its type', () => {
  const body = {
    _csrf: 'x',
    '/name': 'ada',
    '/count': '3',
    '/ratio': '0.5',
    '/flag': ['false', 'true'],
    '/mode': '3',
    '/modes': ['', 'a', '1'],
    '/tags/0': 'x',
    '/tags/1': 'y',
    '/env': 'KEY=a=b\nOther: 2',
    '/filter/limit': '7',
    '/rows/0/key': 'k',
    '/rows/0/on': 'true',
    '/either': '{"a":1}',
    '/maybe': '4',
  }

  const { value, details } = argumentsOf(schema, body)

  expect(details).toEqual([])
  expect(value).toEqual({
    name: 'ada',
    count: 3,
    ratio: 0.5,
    flag: true,
    mode: 3,
    modes: ['a', 1],
    tags: ['x', 'y'],
    env: { KEY: 'a=b', Other: '2' },
    filter: { limit: 7 },
    rows: [{ key: 'k', on: true }],
    either: { a: 1 },
    maybe: 4,
  })
})

test('leaves out what was left blank, but not a required text', () => {
  const { value } = argumentsOf(schema, {
    '/name': '',
    '/note': '',
    '/count': '',
    '/flag': '',
    '/tags/0': '',
    '/filter/text': '',
    '/env': '',
  })

  expect(value).toEqual({ name: '' })
})

test('passes on what does not fit, so that the judgement is the tool’s own', () => {
  const { value } = argumentsOf(schema, { '/name': 'a', '/count': 'three', '/mode': 'sideways', misspelt: 'x' })

  expect(value).toEqual({ name: 'a', count: 'three', mode: 'sideways', misspelt: 'x' })
})

test('names the field whose JSON or pairs cannot be read', () => {
  const { details } = argumentsOf(schema, { '/name': 'a', '/either': '{oops', '/env': 'no separator' })

  expect(details.map(({ path }) => path)).toEqual(['/env', '/either'])
})

test('takes all arguments as one JSON text', () => {
  expect(argumentsOf(schema, { _json: '{"name":"x"}' }).value).toEqual({ name: 'x' })
  expect(argumentsOf(schema, { _json: '{"name":"x"}', _mode: 'json', '/name': 'y' }).value).toEqual({ name: 'x' })
  expect(argumentsOf(schema, { _json: '{oops', _mode: 'json' }).details).toHaveLength(1)
})

test('takes plain names, and a list as lines or as JSON', () => {
  expect(argumentsOf(schema, { name: 'x', tags: 'a\r\n\r\nb' }).value).toEqual({ name: 'x', tags: ['a', 'b'] })
  expect(argumentsOf(schema, { name: 'x', tags: '["a,b"]' }).value).toEqual({ name: 'x', tags: ['a,b'] })
})

test('a property named __proto__ is a property and nothing else', () => {
  const hostile = JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"object","properties":{"polluted":{"type":"string"}}}}}',
  )

  const { value } = argumentsOf(hostile, { '/__proto__/polluted': 'yes' })

  expect(Object.hasOwn(value as object, '__proto__')).toBe(true)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('looks only where something was posted, however wide a schema refers to itself', () => {
  const wide = {
    $defs: {},
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`p${at}`, { $ref: '#' }])),
  }

  expect(argumentsOf(wide, { '/p1/p2/p3': '{}' }).value).toEqual({ p1: { p2: { p3: {} } } })
})

test('reads a thousand huge row numbers without making huge lists', () => {
  const body = Object.fromEntries(Array.from({ length: 1_000 }, (_, at) => [`/tags/${9_999 - at}`, 'x']))

  expect((argumentsOf(schema, { name: 'a', ...body }).value as { tags: string[] }).tags).toHaveLength(1_000)
})

const text = fc
  .string({ minLength: 1 })
  .map((one) => one.replaceAll(/\r\n?/g, '\n'))
  .filter((one) => one !== '')
const argumentsThatAFormCanHold = fc.record(
  {
    name: text,
    note: text,
    count: fc.integer(),
    ratio: fc.double({ noNaN: true, noDefaultInfinity: true }).filter((one) => !Object.is(one, -0)),
    flag: fc.boolean(),
    mode: fc.constantFrom('fast', 'slow', 3),
    modes: fc
      .uniqueArray(fc.constantFrom('a', 'b', 1), { minLength: 1 })
      .map((list) => ['a', 'b', 1].filter((one) => list.includes(one))),
    tags: fc.array(text, { minLength: 1 }),
    filter: fc.record({ limit: fc.integer(), text }, { requiredKeys: ['limit'] }),
    rows: fc.array(fc.record({ key: text, on: fc.boolean() }), { minLength: 1 }),
    either: fc.oneof(fc.integer(), fc.array(fc.integer())),
  },
  { requiredKeys: ['name'] },
)

test('a form that shows arguments, sent back untouched, means the same arguments', () => {
  fc.assert(
    fc.property(argumentsThatAFormCanHold, (given) => {
      expect(argumentsOf(schema, posted(formOf(schema, given).fields)).value).toEqual(given)
    }),
  )
})

/** What a browser sends for a form. */
function posted(fields: readonly FormField[]): Record<string, string | string[]> {
  const body: Record<string, string | string[]> = {}
  for (const field of fields) {
    if (field.fields.length > 0) Object.assign(body, posted(field.fields))
    else if (field.kind === 'choices')
      body[field.name] = ['', ...field.options.filter(({ selected }) => selected).map(({ value }) => value)]
    else if (field.options.length > 0) body[field.name] = field.options.find(({ selected }) => selected)?.value ?? ''
    else if (field.kind === 'boolean') body[field.name] = field.checked ? ['false', 'true'] : 'false'
    else if (field.kind !== 'object' && field.kind !== 'list') body[field.name] = field.text
  }
  return body
}
