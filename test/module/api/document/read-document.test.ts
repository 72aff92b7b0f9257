import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { OPENAPI_30, OPENAPI_31, SWAGGER_2 } from './documents.ts'
import { operationOf, read, withPaths } from './read.ts'

test('each version is read, in JSON and in YAML alike', async () => {
  for (const [document, format] of [
    [OPENAPI_30, '3.0'],
    [OPENAPI_31, '3.1'],
    [SWAGGER_2, '2.0'],
  ] as const) {
    const json = await read(document, { url: 'https://docs.example/openapi.json' })
    const yaml = await read(stringify(document, { aliasDuplicateObjects: false }), { url: 'https://docs.example/openapi.json' })

    expect(json.format).toBe(format)
    expect(yaml).toEqual(json)
    expect(json.problems.filter(({ severity }) => severity === 'error')).toEqual([])
  }
})

test('an operation says what it does to the world, and whether it may be sent twice', async () => {
  const document = await read(OPENAPI_30)

  const facts = (name: string) => {
    const { effect, idempotent, isDeprecated, tags, key } = operationOf(document, name)
    return { effect, idempotent, isDeprecated, tags, key }
  }
  expect(facts('getTree')).toEqual({
    effect: 'read',
    idempotent: true,
    isDeprecated: false,
    tags: ['tree'],
    key: 'GET /trees/{id}',
  })
  expect(facts('putTree')).toMatchObject({ effect: 'write', idempotent: true })
  expect(facts('addFruit')).toMatchObject({ effect: 'write', idempotent: false })
  expect(facts('fellTree')).toMatchObject({ effect: 'erase', idempotent: true, isDeprecated: true })
})

test('arguments of the same name in different places, and the body, are told apart', async () => {
  const { inputSchema, plan } = operationOf(await read(OPENAPI_30), 'putTree')

  expect(Object.keys(inputSchema['properties'] as object).toSorted()).toEqual([
    'body',
    'depth',
    'id',
    'id_header',
    'id_query',
    'request_body',
  ])
  expect(inputSchema['required']).toEqual(['id', 'request_body'])
  expect(plan.parameters.map(({ argument, name, in: place }) => `${argument}=${place}:${name}`)).toEqual([
    'id=path:id',
    'depth=query:depth',
    'id_query=query:id',
    'id_header=header:id',
    'body=query:body',
  ])
  expect(plan.body).toMatchObject({ argument: 'request_body', kind: 'json', contentType: 'application/json' })
})

test('names of arguments are ones that clients take, and lead back to those of the API', async () => {
  const parameters = ['filter[name]', 'Start<', 'Start>', '$top', 'a b', '日付'].map((name) => ({
    name,
    in: 'query',
    schema: { type: 'string' },
  }))
  const { plan } = operationOf(await read(withPaths({ '/it': { get: { operationId: 'it', parameters, responses: {} } } })), 'it')

  expect(plan.parameters.map(({ argument, name }) => [name, argument])).toEqual([
    ['filter[name]', 'filter_name'],
    ['Start<', 'Start_lt'],
    ['Start>', 'Start_gt'],
    ['$top', 'top'],
    ['a b', 'a_b'],
    ['日付', 'parameter'],
  ])
})

test('headers that are the gateway’s are none of the caller’s', async () => {
  const { plan } = operationOf(await read(OPENAPI_30), 'styles')

  expect(plan.parameters.map(({ name }) => name)).not.toContain('Accept')
})

test('a media type that a document hides in a header is the one of the body', async () => {
  const parameters = [{ name: 'Content-Type', in: 'header', schema: { type: 'string', enum: ['application/x-tar'] } }]
  const requestBody = { content: { 'application/octet-stream': {} } }
  const document = await read(withPaths({ '/it': { put: { operationId: 'it', parameters, requestBody, responses: {} } } }))

  expect(operationOf(document, 'it').plan).toMatchObject({
    parameters: [],
    body: { kind: 'binary', contentType: 'application/x-tar' },
  })
})

test('a caller need not know the token that the gateway holds', async () => {
  const parameter = (name: string): object => ({ name, in: 'query', required: true, schema: { type: 'string' } })
  const get = (more: object, name = 'token') => ({
    get: { operationId: 'it', parameters: [parameter(name)], responses: {}, ...more },
  })
  const guarded = await read(withPaths({ '/it': get({ security: [{ oauth: [] }] }) }))
  const open = await read(withPaths({ '/it': get({}) }))
  const securitySchemes = { mine: { type: 'apiKey', in: 'query', name: 'sesame' } }
  const named = await read(withPaths({ '/it': get({ security: [{ mine: [] }] }, 'sesame') }, { components: { securitySchemes } }))

  expect(operationOf(guarded, 'it').inputSchema['required']).toBeUndefined()
  expect(operationOf(named, 'it').inputSchema['required']).toBeUndefined()
  expect(operationOf(open, 'it').inputSchema['required']).toEqual(['token'])
})

test('a parameter with content is written as JSON where it is JSON, and as it is otherwise', async () => {
  const of = (name: string, type: string): object => ({ name, in: 'query', content: { [type]: { schema: { type: 'string' } } } })
  const parameters = [of('a', 'application/json'), of('b', 'text/plain')]
  const { plan } = operationOf(await read(withPaths({ '/it': { get: { operationId: 'it', parameters, responses: {} } } })), 'it')

  expect(plan.parameters.map(({ style }) => style)).toEqual(['json', 'form'])
})

test('each kind of body has its plan', async () => {
  const document = await read(OPENAPI_30)
  const kinds = ['addFruit', 'sendForm', 'addPicture', 'putNote', 'putBlob'].map((name) => operationOf(document, name).plan.body)

  expect(kinds.map((body) => [body?.kind, body?.contentType])).toEqual([
    ['json', 'application/vnd.orchard+json'],
    ['form', 'application/x-www-form-urlencoded'],
    ['multipart', 'multipart/form-data'],
    ['text', 'text/plain'],
    ['binary', 'application/octet-stream'],
  ])
  expect(kinds[1]?.fields).toMatchObject([
    { name: 'name', contentType: null, style: 'usual', explode: true, isFile: false },
    { name: 'tags', contentType: null, style: 'pipeDelimited', explode: false, isFile: false },
    { name: 'size', contentType: null, style: 'usual', isFile: false },
  ])
  expect(kinds[2]?.fields.map(({ name, isFile, contentType }) => [name, isFile, contentType])).toEqual([
    ['picture', true, 'image/png'],
    ['more', true, null],
    ['about', false, null],
    ['note', false, null],
  ])
})

test('Swagger 2.0 says the same in other words', async () => {
  const document = await read(SWAGGER_2)
  const styles = operationOf(document, 'listShips').plan.parameters.map(({ name, style, explode }) => [name, style, explode])
  const papers = operationOf(document, 'addPapers')

  expect(document.servers.map(({ url }) => url)).toEqual(['https://harbour.example/api', 'http://harbour.example/api'])
  expect(styles).toEqual([
    ['limit', 'form', false],
    ['csv', 'form', false],
    ['ssv', 'spaceDelimited', false],
    ['tsv', 'tabDelimited', false],
    ['pipes', 'pipeDelimited', false],
    ['multi', 'form', true],
  ])
  expect(papers.plan.body).toMatchObject({
    kind: 'multipart',
    fields: [
      { name: 'scan', isFile: true },
      { name: 'pages', isFile: false, explode: true },
    ],
  })
  expect(papers.outputSchema).toBeNull()
  expect(operationOf(document, 'login').inputSchema).toMatchObject({
    required: ['body'],
    properties: { body: { required: ['user'] } },
  })
  expect(operationOf(document, 'addShip').plan).toMatchObject({
    serverUrl: 'https://harbour.example/api',
    accept: ['application/json'],
  })
})

test('servers have their variables filled in, and their choices kept', async () => {
  const { servers } = await read(OPENAPI_30, { url: 'https://docs.example/api/openapi.json' })

  expect(servers.map(({ url }) => url)).toEqual(['https://eu.orchard.example/v1', 'https://docs.example/relative'])
  expect(servers[0]?.variables).toEqual([
    { name: 'region', default: 'eu', choices: ['eu', 'us'], description: '' },
    { name: 'base', default: 'v1', choices: [], description: '' },
  ])
})

test('an operation goes to its own server, before that of its path and of the document', async () => {
  const at = (url: string): object => ({ servers: [{ url }] })
  const paths = {
    '/a': { get: { operationId: 'a', responses: {} } },
    '/b': {
      ...at('https://path.example'),
      get: { operationId: 'b', responses: {} },
      put: { operationId: 'c', responses: {}, ...at('https://own.example/x/') },
    },
  }
  const named = await read(withPaths(paths))
  const chosen = await read(withPaths(paths), { server: 'http://localhost:9/' })

  expect(named.operations.map(({ plan }) => plan.serverUrl)).toEqual([
    'https://api.example.com',
    'https://path.example',
    'https://own.example/x',
  ])
  expect(new Set(chosen.operations.map(({ plan }) => plan.serverUrl))).toEqual(new Set(['http://localhost:9']))
})

test('without a server the API is where the document is, and without that somebody has to say it', async () => {
  const document = withPaths({ '/a': { get: { operationId: 'a', responses: {} } } }, { servers: undefined })

  const fetched = await read(document, { url: 'https://docs.example/deep/openapi.json' })
  const pasted = await read(document)

  expect(fetched.operations[0]?.plan.serverUrl).toBe('https://docs.example')
  expect(pasted.operations[0]?.plan.serverUrl).toBe('')
  expect(pasted.problems).toContainEqual({
    pointer: '/servers',
    severity: 'warning',
    message: expect.stringContaining('Give its address'),
  })
})

test('security schemes become suggestions for a credential', async () => {
  const three = await read(OPENAPI_30)
  const two = await read(SWAGGER_2)

  expect(three.securitySchemes.map(({ name, suggestion }) => [name, suggestion])).toEqual([
    ['key', { kind: 'apiKey', in: 'header', name: 'X-Key' }],
    ['people', { kind: 'basic' }],
    ['token', { kind: 'bearer' }],
    ['machine', { kind: 'oauth2', tokenUrl: 'https://auth.example/token', scopes: ['grow'] }],
    ['person', { kind: 'bearer' }],
    ['certificate', null],
  ])
  expect(two.securitySchemes.map(({ suggestion }) => suggestion?.kind)).toEqual(['basic', 'apiKey', 'oauth2'])
  expect(operationOf(three, 'getTree').security).toEqual(['key'])
})

test('names of tools come from the operationId, or from method and path', async () => {
  const get = (operationId?: string): object => ({ get: { operationId, responses: {} } })
  const long = 'an.operation/with a very long name '.repeat(4)
  const { operations } = await read(
    withPaths({ '/pets/{id}.json': get(), '/a': get('pets.list'), '/b': get(long), '/c': get('pets/list'), '/d': get('💥') }),
  )

  const [byPath, plain, cut, twin, strange] = operations.map(({ toolName }) => toolName)
  expect([byPath, plain, strange]).toEqual(['get_pets_id_json', 'pets_list', 'get_d'])
  expect(cut).toMatch(/^an_operation_with_a_very_long_name_[0-9a-f]{6}$/)
  expect(twin).toMatch(/^pets_list_[0-9a-f]{6}$/)
})

test('the hash of an operation changes with it, and only with it', async () => {
  const paths = (limit: number): object => ({
    '/a': {
      get: {
        operationId: 'a',
        responses: {},
        parameters: [{ name: 'n', in: 'query', schema: { type: 'integer', maximum: limit } }],
      },
    },
    '/b': { get: { operationId: 'b', responses: {} } },
  })
  const hashes = async (limit: number) => (await read(withPaths(paths(limit)))).operations.map(({ hash }) => hash)

  const [one, same, other] = [await hashes(1), await hashes(1), await hashes(2)]

  expect(same).toEqual(one)
  expect(other[0]).not.toBe(one[0])
  expect(other[1]).toBe(one[1])
})
