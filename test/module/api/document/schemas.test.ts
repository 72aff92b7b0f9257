import { expect, test } from 'vitest'
import { OPENAPI_30, OPENAPI_31 } from './documents.ts'
import { bodySchema, operationOf, read, withPaths } from './read.ts'

test('what a caller cannot send is not asked for, and what is never answered is not promised', async () => {
  const { inputSchema, outputSchema } = operationOf(await read(OPENAPI_30), 'putTree')
  const tree = (inputSchema['$defs'] as Record<string, { properties: object; required: string[] }>)['Tree']

  expect(Object.keys(tree?.properties ?? {})).toEqual(['secret', 'name', 'height', 'parent', 'children'])
  expect(tree?.required).toEqual(['name', 'secret'])
  expect(Object.keys(outputSchema?.['properties'] as object)).toEqual(['id', 'name', 'height', 'parent', 'children'])
  expect(outputSchema?.['required']).toEqual(['name', 'id'])
})

test('what is hidden is hidden too where another schema asks for it', async () => {
  const id = { type: 'object', properties: { id: { type: 'string', readOnly: true }, name: { type: 'string' } } }

  expect(await bodySchema({ allOf: [id, { required: ['id', 'name'] }] })).toEqual({
    type: 'object',
    properties: { name: { type: 'string' } },
    required: ['name'],
  })
})

test('a schema that holds itself refers to itself', async () => {
  const { inputSchema } = operationOf(await read(OPENAPI_30), 'putTree')

  expect(inputSchema['properties']).toMatchObject({ request_body: { $ref: '#/$defs/Tree' } })
  expect(inputSchema['$defs']).toMatchObject({
    Tree: {
      properties: {
        height: { description: 'In metres.', anyOf: [{ type: 'number' }, { type: 'null' }] },
        parent: { description: 'Where it stems from.', anyOf: [{ $ref: '#/$defs/Tree' }, { type: 'null' }] },
        children: { items: { $ref: '#/$defs/Tree' } },
      },
    },
  })
})

test('inheritance is merged, and of several schemas one has to fit', async () => {
  const { inputSchema } = operationOf(await read(OPENAPI_30), 'addFruit')

  expect((inputSchema['properties'] as Record<string, unknown>)['body']).toEqual({
    description: 'Its kind says which: apple, pear.',
    anyOf: [
      {
        type: 'object',
        required: ['kind', 'colour'],
        properties: {
          kind: { type: 'string', enum: ['apple'] },
          weight: { type: 'number', examples: [3.5] },
          colour: { type: 'string' },
        },
      },
      {
        type: 'object',
        required: ['kind'],
        properties: {
          kind: { type: 'string', enum: ['pear'] },
          weight: { type: 'number', examples: [3.5] },
          soft: { type: 'boolean' },
        },
      },
    ],
  })
})

test('what came with 3.1 is said in words that most clients know', async () => {
  const { inputSchema } = operationOf(await read(OPENAPI_31), 'waves_create')

  expect((inputSchema['properties'] as Record<string, unknown>)['body']).toEqual({
    type: 'object',
    required: ['kind'],
    properties: {
      kind: { type: 'string', enum: ['wave'] },
      height: { anyOf: [{ type: 'number', examples: [1.5], exclusiveMinimum: 0 }, { type: 'null' }] },
      sea: { description: 'Which one.', anyOf: [{ type: 'string', enum: ['north', 'south'] }, { type: 'null' }] },
      state: { type: 'number', enum: [0, 1], description: '0: calm; 1: rough' },
      pair: { type: 'array', prefixItems: [{ type: 'integer' }, { type: 'string' }], items: {} },
      open: {},
      named: { anyOf: [{ type: 'string', enum: ['north', 'south'] }, { type: 'null' }] },
    },
  })
})

test('bounds of 3.0 become numbers', async () => {
  const { inputSchema } = operationOf(await read(OPENAPI_30), 'getTree')

  expect((inputSchema['properties'] as Record<string, unknown>)['depth']).toEqual({
    type: 'integer',
    exclusiveMinimum: 0,
    maximum: 9,
  })
})

test('formats that clients refuse are told in words', async () => {
  expect(await bodySchema({ type: 'string', format: 'uuid', description: 'Which.' })).toEqual({
    type: 'string',
    description: 'Which. (format: uuid)',
  })
  expect(await bodySchema({ type: 'string', format: 'date-time' })).toEqual({ type: 'string', format: 'date-time' })
  expect(await bodySchema({ type: 'integer', format: 'int64' })).toEqual({ type: 'integer', format: 'int64' })
})

test('what is no JSON Schema is left out, and said', async () => {
  const properties = {
    type: { type: 'strin' },
    pattern: { type: 'string', pattern: '(' },
    count: { type: 'string', maxLength: 'many' },
    list: { type: 'array' },
    value: { type: 'string', default: { $ref: '#/nowhere' }, example: { $id: 'x' } },
  }
  const requestBody = { content: { 'application/json': { schema: { type: 'object', properties, required: true } } } }
  const document = await read(withPaths({ '/it': { post: { operationId: 'it', requestBody, responses: { '204': {} } } } }))

  const at = '/paths/~1it/post/requestBody/content/application~1json/schema/properties'
  expect(document.problems.map(({ pointer }) => pointer)).toEqual([
    `${at}/type/type`,
    `${at}/pattern/pattern`,
    `${at}/count/maxLength`,
  ])
  expect((operationOf(document, 'it').inputSchema['properties'] as Record<string, unknown>)['body']).toEqual({
    type: 'object',
    properties: {
      type: {},
      pattern: { type: 'string' },
      count: { type: 'string' },
      list: { type: 'array', items: {} },
      value: { type: 'string' },
    },
  })
})

test('a schema that is everywhere is written once where it is large, and in its place where it is small', async () => {
  const wide = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`field_${index}`, { type: 'string', description: 'A field of it.' }]),
  )
  const schemas = { Wide: { type: 'object', properties: wide }, Small: { type: 'string', enum: ['a', 'b'] } }
  const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` })
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`p${index}`, ref('Wide')]))

  const body = await bodySchema({ type: 'object', properties: { ...many, small: ref('Small') } }, { components: { schemas } })

  expect(body).toMatchObject({
    properties: { p0: { $ref: '#/$defs/Wide' }, p29: { $ref: '#/$defs/Wide' }, small: schemas.Small },
  })
})

test('a schema without end is cut where nobody could read on', async () => {
  const of = (index: number): object => ({
    type: 'object',
    properties: Object.fromEntries(
      Array.from({ length: 40 }, (_, at) => [`p${at}`, { type: 'string', description: 'x'.repeat(100) }]),
    ),
    ...(index < 60 ? { additionalProperties: { $ref: `#/components/schemas/S${index + 1}` } } : {}),
  })
  const schemas = Object.fromEntries(Array.from({ length: 61 }, (_, index) => [`S${index}`, of(index)]))
  const requestBody = { content: { 'application/json': { schema: { $ref: '#/components/schemas/S0' } } } }
  const document = await read(
    withPaths({ '/it': { post: { operationId: 'it', requestBody, responses: { '204': {} } } } }, { components: { schemas } }),
  )

  const { inputSchema } = operationOf(document, 'it')
  expect(JSON.stringify(inputSchema).length).toBeLessThan(120_000)
  expect((inputSchema['$defs'] as Record<string, object>)['S60']).toBeUndefined()
})

test('a field that two schemas allow no common value is one that validators still take', async () => {
  const kind = (value: string): object => ({ type: 'object', properties: { kind: { type: 'string', enum: [value] } } })
  const body = (await bodySchema({ allOf: [kind('a'), kind('b')] })) as object

  expect(body).toEqual({
    type: 'object',
    properties: {
      kind: {
        allOf: [
          { type: 'string', enum: ['a'] },
          { type: 'string', enum: ['b'] },
        ],
      },
    },
  })
})

test('a parent that is one of its children is merged into them without that', async () => {
  const ref = (name: string): object => ({ $ref: `#/components/schemas/${name}` })
  const child = (field: string): object => ({
    allOf: [ref('Pet'), { type: 'object', properties: { [field]: { type: 'string' } } }],
  })
  const schemas = {
    Pet: { type: 'object', required: ['kind'], properties: { kind: { type: 'string' } }, oneOf: [ref('Cat'), ref('Dog')] },
    Cat: child('purr'),
    Dog: child('bark'),
  }

  const cat = { type: 'object', properties: { kind: { type: 'string' }, purr: { type: 'string' } }, required: ['kind'] }
  expect(await bodySchema(ref('Cat'), { components: { schemas } })).toEqual(cat)
  expect(await bodySchema(ref('Pet'), { components: { schemas } })).toMatchObject({ anyOf: [cat, { required: ['kind'] }] })
})

test('a place in a list that nothing fits takes no operation away', async () => {
  expect(await bodySchema({ type: 'array', prefixItems: [{ type: 'string' }, false] })).toMatchObject({
    prefixItems: [{ type: 'string' }, {}],
  })
})
