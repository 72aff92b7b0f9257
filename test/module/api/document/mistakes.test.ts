import { expect, test } from 'vitest'
import { bodySchema, operationOf, read, withPaths } from './read.ts'

/** Ways in which documents in the wild are not quite right, and what their authors meant by them. */
const property = async (schema: unknown): Promise<unknown> => {
  const body = (await bodySchema({ type: 'object', properties: { field: schema } })) as { properties: Record<string, unknown> }
  return body.properties['field']
}

const reading = (parameters: unknown, more: object = {}): object =>
  withPaths({ '/it': { get: { operationId: 'it', parameters, responses: { '204': {} } } } }, more)

const argumentsOf = async (document: object) =>
  operationOf(await read(document), 'it').inputSchema['properties'] as Record<string, Record<string, unknown>>

const problemsOf = async (document: object | string): Promise<string[]> =>
  (await read(document)).problems.map(({ severity, pointer }) => `${severity} ${pointer}`)

test.each([
  ['the name of a type in another spelling', { type: 'Int' }, { type: 'integer' }],
  ['nothing but null', { enum: [null] }, { type: 'null' }],
  [
    'null as one of several lists of values',
    { anyOf: [{ type: 'string', enum: ['a'] }, { enum: [null] }] },
    { anyOf: [{ type: 'string', enum: ['a'] }, { type: 'null' }] },
  ],
  [
    'the values of items beside a list',
    { type: 'array', items: { type: 'string' }, enum: ['a'] },
    { type: 'array', items: { type: 'string', enum: ['a'] } },
  ],
  ['values of another type', { type: 'string', enum: [1, true] }, { type: 'string', description: 'One of: 1, true.' }],
  ['a pattern as JavaScript writes it', { type: 'string', pattern: '/^a+$/' }, { type: 'string', pattern: '^a+$' }],
  ['a pattern with flags', { type: 'string', pattern: '/^a+$/i' }, { type: 'string' }],
  ['no schema at all', null, {}],
])('a field with %s', async (_, written, meant) => {
  expect(await property(written)).toEqual(meant)
})

test('a title that only says the name again is no description', async () => {
  const document = reading([
    { name: 'item_id', in: 'query', schema: { type: 'integer', title: 'Item Id' } },
    { name: 'q', in: 'query', schema: { type: 'string', title: 'What to look for' } },
  ])

  expect(await argumentsOf(document)).toEqual({
    item_id: { type: 'integer' },
    q: { type: 'string', description: 'What to look for' },
  })
  expect(await bodySchema({ type: 'object', properties: { dueDate: { type: 'string', title: 'Due Date' } } })).toEqual({
    type: 'object',
    properties: { dueDate: { type: 'string' } },
  })
})

test('a parameter that cannot be used is left out where calls can do without it', async () => {
  const document = reading([
    { name: '', in: 'query', schema: { type: 'string' } },
    { name: 'good', in: 'query', schema: { type: 'string' } },
  ])

  expect(Object.keys(await argumentsOf(document))).toEqual(['good'])
  expect(await problemsOf(document)).toEqual(['warning /paths/~1it/get/parameters/0/name'])
})

test('of more parameters than anybody takes, those that are needed and the first others are offered', async () => {
  const names = Array.from({ length: 400 }, (_, index) => `p${index}`)
  const document = reading(names.map((name) => ({ name, in: 'query', required: name === 'p399', schema: { type: 'string' } })))

  const offered = Object.keys(await argumentsOf(document))

  expect(offered).toHaveLength(300)
  expect(offered).toContain('p399')
  expect(await problemsOf(document)).toEqual(['warning /paths/~1it/get/parameters'])
})

test('a value that would make a path empty is none to choose', async () => {
  const document = withPaths({
    '/it/{kind}': {
      get: {
        operationId: 'it',
        parameters: [{ name: 'kind', in: 'path', required: true, schema: { type: 'string', enum: ['', 'B'] } }],
        responses: { '204': {} },
      },
    },
  })

  expect(await argumentsOf(document)).toEqual({ kind: { type: 'string', enum: ['B'] } })
})

test('a form has fields also where the document does not say so', async () => {
  const posting = (schema: object): object =>
    withPaths({
      '/it': {
        post: {
          operationId: 'it',
          requestBody: { content: { 'application/x-www-form-urlencoded': { schema } } },
          responses: { '204': {} },
        },
      },
    })

  expect((await argumentsOf(posting({ type: 'string' })))['body']).toMatchObject({ type: 'object' })
  expect((await argumentsOf(posting({})))['body']).toMatchObject({ type: 'object' })
})

test('a body that holds a file goes as a form where it may, because JSON cannot carry it', async () => {
  const schema = { type: 'object', properties: { avatar: { type: 'string', format: 'binary' } } }
  const content = (fields: object) => ({ 'application/json': { schema: fields }, 'multipart/form-data': { schema: fields } })
  const kindOf = async (fields: object): Promise<string | undefined> => {
    const requestBody = { content: content(fields) }
    const document = withPaths({ '/it': { post: { operationId: 'it', requestBody, responses: { '204': {} } } } })
    return operationOf(await read(document), 'it').plan.body?.kind
  }

  expect(await kindOf(schema)).toBe('multipart')
  expect(await kindOf({ type: 'object', properties: { files: { type: 'array', items: schema.properties.avatar } } })).toBe(
    'multipart',
  )
  expect(await kindOf({ type: 'object', properties: { name: { type: 'string' } } })).toBe('json')
})

test('a key that stands twice in YAML is told of, because one of the two does not count', async () => {
  const twice =
    'openapi: 3.0.0\nservers: [{url: "https://a.example.com"}]\npaths:\n  /a:\n    get: {responses: {}}\n    get: {responses: {}}\n'

  const { operations, problems } = await read(twice)

  expect(operations).toHaveLength(1)
  expect(problems).toEqual([{ severity: 'warning', pointer: '', message: expect.stringContaining('line 6') }])
})

test('a document without any path says that there is nothing to call', async () => {
  expect(await problemsOf(withPaths({}))).toEqual(['error /paths'])
})

test('a port without quotes can be chosen', async () => {
  const servers = [{ url: 'https://a.example.com:{port}', variables: { port: { default: 8443, enum: [8443, 443] } } }]

  const document = await read(reading([], { servers }))

  expect(document.servers).toMatchObject([{ url: 'https://a.example.com:8443', variables: [{ choices: ['8443', '443'] }] }])
})

test('a schema that is too long for a list of tools keeps its shape, and loses words and depth', async () => {
  const long = { type: 'string', description: 'Something that is told at length. '.repeat(10) }
  const level = (depth: number): object =>
    depth === 0
      ? long
      : { type: 'object', properties: Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, level(depth - 1)])) }
  const answer = { type: 'object', properties: { deep: level(5), plain: long } }
  const document = withPaths({
    '/it': {
      post: {
        operationId: 'it',
        requestBody: { content: { 'application/json': { schema: level(6) } } },
        responses: { '200': { content: { 'application/json': { schema: answer } } } },
      },
    },
  })

  const { inputSchema, outputSchema } = operationOf(await read(document), 'it')

  expect(JSON.stringify(inputSchema).length).toBeLessThan(24_000)
  expect(JSON.stringify(outputSchema).length).toBeLessThan(8_000)
  const body = (inputSchema['properties'] as { body: object }).body
  expect(body).toMatchObject({ properties: { a: { properties: { d: { type: 'object', properties: {} } } } } })
  expect(Object.keys((outputSchema as { properties: object }).properties)).toEqual(['deep', 'plain'])
})
