import { expect, test } from 'vitest'
import { buildRequest } from '../../../../workers/api/build-request.ts'
import { operationOf, read, withPaths } from './read.ts'

const FORM = 'application/x-www-form-urlencoded'
const TEXT = { type: 'string' }
const FILE = { type: 'string', format: 'binary' }
const NAMED = { type: 'object', properties: { a: TEXT } }

/** What an operation named `it` sends. */
async function sent(document: object, args: Record<string, unknown>) {
  return buildRequest(operationOf(await read(document), 'it').plan, args)
}

const posting = (mediaType: string, media: object, more: object = {}): object =>
  withPaths({ '/it': { post: { operationId: 'it', requestBody: { content: { [mediaType]: media } }, responses: {} } } }, more)

/** The parts of a multipart body: what stands in each, files with their names. */
async function partsOf({ body, headers }: ReturnType<typeof buildRequest>): Promise<(readonly [string, string])[]> {
  const form = await new Response(body as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': headers['content-type']! },
  }).formData()
  const parts = [...form].map(async ([name, value]) => {
    const text = typeof value === 'string' ? value : `${value.name} (${value.type}): ${await value.text()}`
    return [name, text] as const
  })
  return Promise.all(parts)
}

test.each([
  ['may be null', { ...NAMED, nullable: true }],
  ['is one of two', { oneOf: [NAMED, { type: 'object', properties: { b: TEXT } }] }],
  ['is referred to, and large', { $ref: '#/components/schemas/Large' }],
] as const)('an object in a form is JSON also where it %s', async (_, schema) => {
  const wide = Object.fromEntries(
    Array.from({ length: 200 }, (__, index) => [`p${index}`, { ...TEXT, description: 'One of many fields.'.repeat(5) }]),
  )
  const components = { schemas: { Large: { type: 'object', properties: { ...wide, ...NAMED.properties } } } }
  const document = posting(FORM, { schema: { type: 'object', properties: { field: schema } } }, { components })

  expect((await sent(document, { body: { field: { a: 'x' } } })).body).toBe('field=%7B%22a%22%3A%22x%22%7D')
})

test('headers of a part are arguments of their own, and an object of deepObject is a part for each value', async () => {
  const meta = { type: 'object', properties: { a: TEXT } }
  const document = posting('multipart/form-data', {
    schema: { type: 'object', properties: { meta, deep: { type: 'object' }, file: FILE } },
    encoding: {
      deep: { style: 'deepObject', explode: true },
      meta: {
        headers: {
          'X-Rate': { description: 'How fast.', schema: { type: 'integer' } },
          'Content-Type': { schema: TEXT },
          'no name': {},
        },
      },
    },
  })
  const body = { meta: { a: 'x' }, deep: { a: { b: 1 }, c: [2, 3] }, file: { base64: 'YQ==' } }

  const { operations, problems } = await read(document)
  const request = await sent(document, { body, 'X-Rate': 5 })

  const { body: _, ...headers } = operations[0]!.inputSchema['properties'] as Record<string, unknown>
  expect(headers).toEqual({ 'X-Rate': { type: 'integer', description: 'How fast. Header of the part meta of the body.' } })
  expect(problems).toEqual([expect.objectContaining({ severity: 'warning', message: expect.stringContaining('left out') })])
  const text = Buffer.from(request.body as Uint8Array).toString()
  expect(text).toContain('name="meta"\r\ncontent-type: application/json\r\nx-rate: 5\r\n\r\n{"a":"x"}')
  expect(text.match(/x-rate/g)).toHaveLength(1)
  expect((await partsOf(request)).slice(1)).toEqual([
    ['deep[a][b]', '1'],
    ['deep[c][]', '2'],
    ['deep[c][]', '3'],
    ['file', 'file (application/octet-stream): a'],
  ])
  await expect(sent(document, { body, 'X-Rate': '5\r\nx-evil: 1' })).rejects.toThrow(/cannot stand in a header/)
})

test('a document that says how a form explodes a field says that it is no JSON', async () => {
  const schema = { type: 'object', properties: { field: NAMED } }
  const written = async (encoding: object) =>
    (await sent(posting(FORM, { schema, encoding: { field: encoding } }), { body: { field: { a: 'x' } } })).body

  expect(await written({ explode: true })).toBe('a=x')
  expect(await written({ explode: false })).toBe('field=a,x')
  expect(await written({ style: 'form' })).toBe('a=x')
  expect(await written({ style: 'deepObject' })).toBe('field%5Ba%5D=x')
})

test('a file is a file also where one or several, or a text, are taken', async () => {
  const properties = {
    either: { anyOf: [FILE, { type: 'array', items: FILE }] },
    picture: { oneOf: [FILE, { ...TEXT, format: 'uri' }] },
    kept: { $ref: '#/components/schemas/Kept' },
  }
  const components = { schemas: { Kept: { ...FILE, description: 'A file that takes many words to describe. '.repeat(8) } } }
  const document = posting('multipart/form-data', { schema: { type: 'object', properties } }, { components })
  const file = { name: 'a.txt', mimeType: 'text/plain', base64: 'YQ==' }

  const one = await sent(document, { body: { either: file, picture: 'https://example.com/a.png', kept: file } })
  const many = await sent(document, { body: { either: [file, file], picture: file } })

  expect(await partsOf(one)).toEqual([
    ['either', 'a.txt (text/plain): a'],
    ['picture', 'https://example.com/a.png'],
    ['kept', 'a.txt (text/plain): a'],
  ])
  expect(await partsOf(many)).toEqual([
    ['either', 'a.txt (text/plain): a'],
    ['either', 'a.txt (text/plain): a'],
    ['picture', 'a.txt (text/plain): a'],
  ])
})

test('Swagger 2.0 joins a list in a form with parts by its collection format', async () => {
  const list = (name: string, more: object): object => ({ name, in: 'formData', type: 'array', items: TEXT, ...more })
  const parameters = [list('csv', {}), list('pipes', { collectionFormat: 'pipes' }), list('multi', { collectionFormat: 'multi' })]
  const document = {
    swagger: '2.0',
    info: { title: 'Lists', version: '1' },
    host: 'lists.example',
    paths: { '/it': { post: { operationId: 'it', consumes: ['multipart/form-data'], parameters, responses: {} } } },
  }

  expect(await partsOf(await sent(document, { body: { csv: ['a', 'b'], pipes: ['a', 'b'], multi: ['a', 'b'] } }))).toEqual([
    ['csv', 'a,b'],
    ['pipes', 'a|b'],
    ['multi', 'a'],
    ['multi', 'b'],
  ])
})

test('a header that the gateway says for itself is asked of nobody', async () => {
  const names = ['Host', 'X-Forwarded-For', 'X-Request-Id', 'Origin', 'X-Own']
  const parameters = names.map((name) => ({ name, in: 'header', required: true, schema: TEXT }))
  const document = await read(withPaths({ '/it': { get: { operationId: 'it', parameters, responses: {} } } }))

  expect(operationOf(document, 'it').inputSchema['required']).toEqual(['X-Own'])
})

test('an operation whose own servers cannot be used is not sent to another', async () => {
  const own = (url: string): object => ({ servers: [{ url }], responses: {} })
  const document = await read(
    withPaths({
      '/a': { get: { operationId: 'unknown', ...own('https://{region}.example') } },
      '/b': { get: { operationId: 'socket', ...own('wss://api.example') } },
      '/c': { get: { operationId: 'usual', responses: {} } },
    }),
  )

  expect(document.operations.map(({ toolName }) => toolName)).toEqual(['usual'])
  expect(document.problems.filter(({ severity }) => severity === 'error').map(({ pointer }) => pointer)).toEqual([
    '/paths/~1a/get/servers',
    '/paths/~1b/get/servers',
  ])
})

test('a relative server of an operation starts at the document, or, where that was pasted, where the operator says', async () => {
  const paths = { '/it': { get: { operationId: 'it', servers: [{ url: '/v2/{part}', variables: { part: { default: 'x' } } }] } } }
  const urlOf = async (more: { url?: string }) => operationOf(await read(withPaths(paths), more), 'it').plan.serverUrl

  expect(await urlOf({ url: 'https://docs.example/a/openapi.json' })).toBe('https://docs.example/v2/x')
  expect(await urlOf({})).toBe('/v2/x')
})

test('an empty address of a server is the folder of the document, not the document', async () => {
  const document = withPaths({}, { servers: [{ url: '' }] })

  expect((await read(document, { url: 'https://docs.example/a/openapi.json' })).servers[0]?.url).toBe('https://docs.example/a')
})

test('a version that YAML takes for a number is known', async () => {
  const formats = ['3.0', '3.1', '3'].map(async (version) => (await read(`openapi: ${version}\npaths: {}\n`)).format)

  expect(await Promise.all(formats)).toEqual(['3.0', '3.1', '3.0'])
})

test.each([
  [{ host: 'api.example', basePath: 'v2' }, 'https://api.example/v2'],
  [{ host: 'https://api.example/', basePath: '/v2' }, 'https://api.example/v2'],
  [{ host: 'api.example:8443', basePath: '' }, 'https://api.example:8443'],
])('Swagger 2.0 never makes another host of host and path: %j', async (where, expected) => {
  const document = { swagger: '2.0', info: { title: 'T', version: '1' }, schemes: ['https'], paths: {}, ...where }

  expect((await read(document)).servers.map(({ url }) => url)).toEqual([expected])
})

test('an operation whose body nobody could make is listed instead of offered', async () => {
  const { operations, problems } = await read(posting('multipart/related', { schema: NAMED }))

  expect(operations).toEqual([])
  expect(problems).toContainEqual(expect.objectContaining({ severity: 'error', pointer: '/paths/~1it/post/requestBody/content' }))
})
