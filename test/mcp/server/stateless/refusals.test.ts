import { describe, expect, it, vi } from 'vitest'
import { ask } from '../client.ts'
import { text } from '../demo-module.ts'
import { serveWorld } from '../world.ts'
import { headersOf, message, peer } from './peer.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'
const META = 'io.modelcontextprotocol'

describe('What is wrong with a request of the stateless era', () => {
  it.each<[string, object | undefined]>([
    ['no _meta', undefined],
    ['a _meta that is no object', { _meta: 7 }],
    ['no revision', { _meta: { [`${META}/clientCapabilities`]: {} } }],
    ['no capabilities', { _meta: { [`${META}/protocolVersion`]: '2026-07-28' } }],
    [
      'capabilities that are a list',
      { _meta: { [`${META}/protocolVersion`]: '2026-07-28', [`${META}/clientCapabilities`]: [] } },
    ],
  ])('is 400 and -32602 with %s', async (_title, params) => {
    const { url } = await serveWorld()

    const { status, json } = await ask(url, ALICE, {
      body: { jsonrpc: '2.0', id: 'x', method: 'server/discover', ...(params && { params }) },
      headers: headersOf('server/discover'),
    })

    expect(status).toBe(400)
    expect(json).toMatchObject({ id: 'x', error: { code: -32602 } })
  })

  it.each<[string, object]>([
    ['an introduction that is a text', { meta: { [`${META}/clientInfo`]: 'me' } }],
    ['a log level that there is not', { meta: { [`${META}/logLevel`]: 'loud' } }],
    ['capabilities without end', { capabilities: { experimental: { long: 'x'.repeat(20_000) } } }],
  ])('is 400 and -32602 with %s', async (_title, options) => {
    const { url } = await serveWorld()

    const { status, json } = await peer(url, ALICE).post('tools/list', {}, options)

    expect(status).toBe(400)
    expect(json).toMatchObject({ id: expect.any(Number), error: { code: -32602 } })
  })

  it.each<[string, Record<string, string | undefined>]>([
    ['without the revision', { 'mcp-protocol-version': undefined }],
    ['of another revision', { 'mcp-protocol-version': '2025-11-25' }],
    ['without the method', { 'mcp-method': undefined }],
    ['of another method', { 'mcp-method': 'prompts/list' }],
    ['of a method in capitals', { 'mcp-method': 'TOOLS/CALL' }],
    ['without the name', { 'mcp-name': undefined }],
    ['of another name', { 'mcp-name': 'thing_find' }],
    ['with a name that is no Base64', { 'mcp-name': '=?base64?dGhpbmdfZWNobw?=' }],
    ['with a name that is no UTF-8', { 'mcp-name': '=?base64?/w==?=' }],
  ])('is 400 and -32020 with headers %s', async (_title, headers) => {
    const { url } = await serveWorld()

    const { status, json } = await peer(url, ALICE).post(
      'tools/call',
      { name: 'thing_echo', arguments: { text: 'a' } },
      { headers },
    )

    expect(status).toBe(400)
    expect(json).toMatchObject({ id: expect.any(Number), error: { code: -32020 } })
  })

  it.each<[string, string]>([
    ['encoded', `=?base64?${Buffer.from('thing_echo').toString('base64')}?=`],
    ['with space around it', '  thing_echo '],
  ])('is not a name that comes %s', async (_title, name) => {
    const { url } = await serveWorld()
    const call = { name: 'thing_echo', arguments: { text: 'a' } }

    const { status, json } = await peer(url, ALICE).post('tools/call', call, { headers: { 'mcp-name': name } })

    expect(status, JSON.stringify(json)).toBe(200)
  })

  it('is 400 and -32022 with a revision that is not served, and says which are', async () => {
    const { url } = await serveWorld()

    const { status, json } = await peer(url, ALICE).post(
      'server/discover',
      {},
      { headers: { 'mcp-protocol-version': '2031-01-01' }, meta: { [`${META}/protocolVersion`]: '2031-01-01' } },
    )

    expect(status).toBe(400)
    expect(json.error).toMatchObject({
      code: -32022,
      data: { requested: '2031-01-01', supported: expect.arrayContaining(['2026-07-28']) },
    })
  })

  it.each([
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'tasks/list',
    'tasks/result',
    'unknown/method',
    'toString',
  ])('is 404 and -32601 with the method %s', async (method) => {
    const { url } = await serveWorld()

    const { status, json } = await peer(url, ALICE).post(method, { taskId: 'x' })

    expect(status).toBe(404)
    expect(json).toMatchObject({ id: expect.any(Number), error: { code: -32601 } })
  })

  it.each(['GET', 'DELETE'])('is 405 with %s, which belongs to sessions', async (method) => {
    const { url } = await serveWorld()

    const { status, headers } = await ask(url, ALICE, {
      method,
      headers: { 'content-type': undefined, accept: 'text/event-stream' },
    })

    expect(status).toBe(405)
    expect(headers.allow).toBe('POST')
  })

  it.each<[string, unknown]>([
    ['an array', [message(1, 'tools/list', {})]],
    ['a response', { jsonrpc: '2.0', id: 1, result: {} }],
    ['no JSON-RPC 2.0', { ...message(1, 'tools/list', {}), jsonrpc: '1.0' }],
  ])('is 400 and -32600 with %s', async (_title, body) => {
    const { url } = await serveWorld()

    const { status, json } = await ask(url, ALICE, { body, headers: headersOf('tools/list') })

    expect(status).toBe(400)
    expect(json.error.code).toBe(-32600)
  })

  it('is nothing with a notification, which is taken and forgotten', async () => {
    const { url } = await serveWorld()
    const { id: _id, ...body } = message(1, 'notifications/anything', {}) as { id: number }

    const { status, text } = await ask(url, ALICE, { body, headers: headersOf('notifications/anything') })

    expect([status, text]).toEqual([202, ''])
  })

  it.each<[string, object]>([
    ['tools/call', { name: 'nothing_here' }],
    ['tools/call', {}],
    ['tools/list', { cursor: 'nonsense' }],
    ['prompts/get', { name: 'none' }],
    ['completion/complete', { ref: { type: 'ref/none' } }],
  ])('is -32602 within 200 where %s means nothing that exists: %j', async (method, params) => {
    const { url } = await serveWorld()

    const { status, json } = await peer(url, ALICE).post(method, params as Record<string, unknown>)

    expect([status, json.error.code]).toEqual([200, -32602])
  })

  it.each(['tasks/get', 'tasks/update', 'tasks/cancel'])(
    'is 400 and -32021 with %s of a client that knows no tasks',
    async (method) => {
      const { url } = await serveWorld()

      const { status, json } = await peer(url, ALICE).post(method, { taskId: 'x' })

      expect(status).toBe(400)
      const extensions = { 'io.modelcontextprotocol/tasks': {} }
      expect(json.error).toMatchObject({ code: -32021, data: { requiredCapabilities: { extensions } } })
    },
  )

  it('is -32602 with a task that is not there', async () => {
    const { url } = await serveWorld()
    const client = peer(url, ALICE, { capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } })

    const { status, json } = await client.post('tasks/get', { taskId: 'x' })

    expect([status, json.error.code]).toEqual([200, -32602])
  })

  it('is -32602 with the URI where a resource does not exist', async () => {
    const { url } = await serveWorld()

    const { status, json } = await peer(url, ALICE).post('resources/read', { uri: 'test://none' })

    expect(status).toBe(200)
    expect(json.error).toMatchObject({ code: -32602, data: { uri: 'test://none' } })
  })

  it('is 429 for one more client of a caller than may be in use at once, and a client that is not in use gives way', async () => {
    const { url, demo, server } = await serveWorld({ limits: { maxSessionsPerCaller: 1 } })
    const one = peer(url, ALICE, { info: { name: 'one', version: '1' } })
    const two = peer(url, ALICE, { info: { name: 'two', version: '1' } })

    const first = await one.request('tools/call', { name: 'thing_echo', arguments: { text: 'a' } })
    const waiting = await two.open('subscriptions/listen', { notifications: { toolsListChanged: true } })
    const refused = await one.post('tools/list')

    expect(first.result.isError).toBeUndefined()
    expect([refused.status, refused.json.error.code]).toEqual([429, 4290])
    waiting.hangUp()
    expect(demo.visits).toEqual([])
    expect(server.sessions).toBe(0)
  })

  it('is 5031 for one more call than a client may have under way', async () => {
    const { url, demo } = await serveWorld({ limits: { maxCallsPerSession: 1 } })
    const client = peer(url, ALICE)
    const first = client.request('tools/call', { name: 'demo__wait', arguments: {} })
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    const { error } = await client.request('tools/call', { name: 'demo__wait', arguments: {} })
    demo.waiting[0]!.finish(text('done'))

    expect(error.code).toBe(5031)
    expect((await first).result.content[0].text).toBe('done')
  })

  it('tells nobody of a schema that may not be seen: the right is looked at before the headers of arguments', async () => {
    const { url, demo } = await serveWorld()
    demo.setSchema('marked', { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } })

    const { result } = await peer(url, BOB).request('tools/call', { name: 'demo__marked', arguments: { region: 'a' } })

    expect(result._meta['gatehouse/fault'].code).toBe('forbidden')
  })
})

describe('An argument that is repeated in a header', () => {
  const SCHEMA = {
    type: 'object',
    properties: {
      region: { type: 'string', 'x-mcp-header': 'Region' },
      deep: { type: 'object', properties: { count: { type: 'integer', 'x-mcp-header': 'Count' } } },
      sure: { type: 'boolean', 'x-mcp-header': 'Sure' },
    },
  }
  const call = async (args: object, headers: Record<string, string>, schema: object = SCHEMA) => {
    const { url, demo } = await serveWorld()
    demo.setSchema('marked', schema as Record<string, unknown>)
    const { status, json } = await peer(url, ALICE).post('tools/call', { name: 'demo__marked', arguments: args }, { headers })
    return [status, json.error?.code]
  }

  it.each<[object, Record<string, string>]>([
    [{ region: 'eu' }, { 'mcp-param-region': 'eu' }],
    [{ region: 'Grüße' }, { 'mcp-param-region': `=?base64?${Buffer.from('Grüße').toString('base64')}?=` }],
    [{ region: '=?base64?eu' }, { 'mcp-param-region': '=?base64?eu' }],
    [{ deep: { count: 42 } }, { 'mcp-param-count': '42.0' }],
    [{ sure: false }, { 'mcp-param-sure': 'false' }],
    [{ region: null }, {}],
    [{ region: { of: 'another type' } }, {}],
    [{}, { 'mcp-param-other': 'x' }],
  ])('is right: %j with %j', async (args, headers) => {
    expect(await call(args, headers)).toEqual([200, undefined])
  })

  it.each<[object, Record<string, string>]>([
    [{ region: 'eu' }, {}],
    [{ region: 'eu' }, { 'mcp-param-region': 'us' }],
    [{ region: 'eu' }, { 'mcp-param-region': '=?base64?ZXU?=' }],
    [{}, { 'mcp-param-region': 'eu' }],
    [{ deep: { count: 42 } }, { 'mcp-param-count': '43' }],
    [{ sure: true }, { 'mcp-param-sure': 'TRUE' }],
  ])('is refused with -32020: %j with %j', async (args, headers) => {
    expect(await call(args, headers)).toEqual([400, -32020])
  })

  it.each([
    { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'not a token' } } },
    { type: 'object', properties: { region: { type: 'number', 'x-mcp-header': 'Region' } } },
    { type: 'object', properties: { region: { 'x-mcp-header': 'Region', items: { 'x-mcp-header': 'Region' } } } },
  ])('is asked for by no schema that clients drop: %j', async (schema) => {
    expect(await call({ region: 'eu' }, {}, schema)).toEqual([200, undefined])
  })
})
