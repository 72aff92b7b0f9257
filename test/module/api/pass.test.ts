import { get } from 'node:http'
import { expect, test } from 'vitest'
import { json, openApis, openServer, petsDocument } from './open-apis.ts'

async function openZoo() {
  const server = await openServer(({ method, url, body, headers }, reply) =>
    json(reply, { method, url, body, type: headers['content-type'] ?? null, key: headers['x-key'] ?? null }, 207, {
      'set-cookie': 'stolen=1',
      etag: '"7"',
    }),
  )
  const apis = await openApis()
  await apis.call('secret_create', { name: 'zoo', value: 'the key of the zoo' })
  const credential = { kind: 'apiKey', name: 'x-key', valueFrom: 'secret:zoo' }
  await apis.call('api_register', { alias: 'zoo', document: petsDocument(`${server.url}/v1`), credential })
  const pass = async (path: string, token: string, init: RequestInit = {}) => {
    const reply = await apis.house.fetch(`/api/x/zoo${path}`, token, init)
    return { status: reply.status, headers: reply.headers, body: await reply.text() }
  }
  return { ...apis, server, pass }
}

test('a request in the shape of the API gets its status, headers and body, with the credential and without cookies', async () => {
  const { pass, house, server } = await openZoo()

  const told = await pass('/pets/a%20b?x=1&y=', house.adminToken, {
    method: 'DELETE',
    headers: { 'content-type': 'text/plain', 'x-key': 'mine', cookie: 'a=b', 'x-forwarded-for': '1.2.3.4' },
    body: 'as it is',
  })

  expect(told.status).toBe(207)
  expect(told.headers.get('set-cookie')).toBeNull()
  expect(JSON.parse(told.body)).toMatchObject({
    method: 'DELETE',
    url: '/v1/pets/a%20b?x=1&y=',
    body: 'as it is',
    type: 'text/plain',
  })
  expect(server.heard[0]!.headers).toMatchObject({ 'x-key': 'the key of the zoo' })
  expect(server.heard[0]!.headers['authorization']).toBeUndefined()
  expect(server.heard[0]!.headers['x-forwarded-for']).toBeUndefined()
  expect(told.body).not.toContain('the key of the zoo')
})

test('a path that fits an operation needs its right, any other the right to pass', async () => {
  const { pass, house, server } = await openZoo()
  const keeper = await house.token('tool:zoo__getPet')
  const passer = await house.token('api.pass:zoo')

  expect((await pass('/pets/7', keeper)).status).toBe(207)
  expect((await pass('/pets', keeper)).status).toBe(403)
  expect((await pass('/staff', keeper)).status).toBe(403)
  expect((await pass('/staff', passer)).status).toBe(207)
  expect((await pass('/pets/7', passer)).status).toBe(403)
  expect((await pass('/pets/7', await house.token('tool:zoo__*'), { method: 'PATCH' })).status).toBe(403)
  expect(server.heard).toHaveLength(2)
  const { calls } = (await (await house.fetch('/api/audit/calls?search=zoo', house.adminToken)).json()) as {
    calls: { tool: string }[]
  }
  expect(calls.map(({ tool }) => tool)).toEqual(expect.arrayContaining(['zoo__getPet', 'zoo__pass']))
})

test('an operation that is switched off cannot be reached this way either', async () => {
  const { pass, house, call, server } = await openZoo()
  await call('api_switch_operations', { alias: 'zoo', keys: ['DELETE /pets/{id}'], on: false })

  expect((await pass('/pets/7', house.adminToken, { method: 'DELETE' })).status).toBe(404)
  await expect(call('zoo__pass', { method: 'DELETE', target: '/pets/7' })).rejects.toMatchObject({ code: 'invalid' })
  expect(server.heard).toEqual([])
})

async function openRivals(working = true) {
  const server = await openServer(({ url }, reply) => json(reply, { url }))
  const apis = await openApis({ working })
  const operation = (operationId: string): object => ({ get: { operationId, responses: { 200: { description: 'ok' } } } })
  const document = petsDocument(server.url, {
    '/pets/mine': operation('myPets'),
    '/pets/{id}:draw': operation('drawOne'),
    '/{kind}/{id}': operation('anything'),
    '/keepers': { ...operation('listKeepers'), servers: [{ url: `${server.url}/v2` }] },
  })
  await apis.call('api_register', { alias: 'zoo', document })
  await apis.call('api_switch_operations', {
    alias: 'zoo',
    keys: ['GET /pets/mine', 'GET /pets/{id}:draw', 'GET /keepers'],
    on: false,
  })
  return { ...apis, server }
}

test('no value makes an operation another that has a right of its own', async () => {
  const { refused, server } = await openRivals()

  const refusals = [
    await refused('zoo__getPet', { id: 'mine' }),
    await refused('zoo__getPet', { id: '7:draw' }),
    await refused('zoo__getPet', { id: 'Mine' }),
    await refused('zoo__anything', { kind: 'pets', id: 'mine' }),
    await refused('zoo__anything', { kind: 'pets', id: '7' }),
    await refused('zoo__anything', { kind: 'v2', id: 'keepers' }),
  ]

  expect(refusals.map(({ code }) => code)).toEqual(refusals.map(() => 'invalid'))
  expect(server.heard).toEqual([])
})

test('a value that leads to no other operation is sent as it is', async () => {
  const { call, server } = await openRivals()

  await call('zoo__getPet', { id: 'mine too' })
  await call('zoo__anything', { kind: 'stones', id: 'mine' })

  expect(server.heard.map(({ url }) => url)).toEqual(['/pets/mine%20too', '/stones/mine'])
})

test('a path in the shape of the API is that of the operation it spells', async () => {
  const { house, server } = await openRivals(false)
  const keeper = await house.token('tool:zoo__*')

  const strict = ['/pets/7:draw', '/pets/7%3adraw', '/pets/%6dine', '/keepers', '/v2/keepers']
  // Many servers take these for the same.
  const loose = ['/pets/Mine', '/PETS/m%49ne', '/pets/mine/', '/pets/7:DRAW', '/Keepers', '/keepers/']
  for (const path of [...strict, ...loose]) expect((await house.fetch(`/api/x/zoo${path}`, keeper)).status, path).toBe(404)
  expect(server.heard).toEqual([])
})

test.each(['/pets/..%2fstaff', '//pets', '/pets/7;x=1', '/pets/%zz', '/pets/a%5cb'])(
  'a path that can be read in two ways is refused: %s',
  async (path) => {
    const { pass, house, server } = await openZoo()

    expect((await pass(path, house.adminToken)).status).toBe(400)
    expect(server.heard).toEqual([])
  },
)

test.each(['/pets/%2e%2e/staff', '/pets/../staff', '/pets/./7'])('steps that lead elsewhere are refused: %s', async (path) => {
  const { refused, server } = await openZoo()

  expect(await refused(`x/zoo/GET ${path}`, { method: 'GET', target: path })).toMatchObject({ code: 'invalid' })
  expect(server.heard).toEqual([])
})

test('a body of JSON keeps every digit of its numbers', async () => {
  const text = '{ "id": 12345678901234567890, "share": 1.0 }'
  const server = await openServer((_, reply) => void reply.writeHead(200, { 'content-type': 'application/json' }).end(text))
  const { call, house } = await openApis()
  await call('api_register', { alias: 'zoo', document: petsDocument(server.url) })

  const reply = await house.fetch('/api/x/zoo/pets', house.adminToken)

  expect([await reply.text(), reply.headers.get('content-type')]).toEqual([text, 'application/json'])
})

test('of two operations that differ by a slash alone, a path is that which it spells', async () => {
  const server = await openServer(({ url }, reply) => json(reply, { url }))
  const { call, house } = await openApis()
  const operation = (operationId: string): object => ({ get: { operationId, responses: { 200: { description: 'ok' } } } })
  await call('api_register', {
    alias: 'zoo',
    document: petsDocument(server.url, { '/den': operation('den'), '/den/': operation('dens') }),
  })

  const [den, dens] = [await house.token('tool:zoo__den'), await house.token('tool:zoo__dens')]

  expect((await house.fetch('/api/x/zoo/den', den)).status).toBe(200)
  expect((await house.fetch('/api/x/zoo/den/', den)).status).toBe(403)
  expect((await house.fetch('/api/x/zoo/den/', dens)).status).toBe(200)
  expect((await house.fetch('/api/x/zoo/DEN', den)).status).toBe(200)
})

test('a request that names the host as well, as proxies do, is the same', async () => {
  const { house, server } = await openZoo()
  const { host } = new URL((await house.fetch('/health', undefined)).url)
  const headers = { authorization: `Bearer ${house.adminToken}` }

  const status = await new Promise<number | undefined>((resolve, fail) => {
    const options = { host: host.split(':')[0], port: host.split(':')[1], path: `http://${host}/api/x/zoo/staff?a=1`, headers }
    get(options, (reply) => void resolve(reply.resume().statusCode)).on('error', fail)
  })

  expect([status, server.heard[0]?.url]).toEqual([207, '/v1/staff?a=1'])
})

test('what was asked for by name is what is sent', async () => {
  const { call, server } = await openZoo()

  await expect(call('x/zoo/GET /pets/7', { method: 'DELETE', target: '/pets/7' })).rejects.toMatchObject({ code: 'invalid' })
  await expect(call('x/zoo/GET /pets/7', { method: 'GET', target: '/staff' })).rejects.toMatchObject({ code: 'invalid' })
  expect(server.heard).toEqual([])
})

test('nothing is passed to an API that is not there, or is disabled', async () => {
  const { pass, house, call } = await openZoo()
  expect((await house.fetch('/api/x/nobody/pets', house.adminToken)).status).toBe(404)

  await call('api_disable', { alias: 'zoo' })

  expect((await pass('/pets/7', house.adminToken)).status).toBe(404)
  expect((await house.fetch('/api/x/zoo/pets', undefined)).status).toBe(401)
})
