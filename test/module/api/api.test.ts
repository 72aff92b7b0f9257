import { describe, expect, test } from 'vitest'
import { json, openApis, openServer, petsDocument } from './open-apis.ts'

const pets = () =>
  openServer(({ method, url, body }, reply) => {
    if (url.startsWith('/pets?') || url === '/pets')
      return method === 'POST'
        ? json(reply, JSON.parse(body), 201, { location: '/pets/7' })
        : json(reply, { pets: [{ name: 'Ada' }] }, 200, { link: '</pets?page=2>; rel="next"' })
    if (url.endsWith('/picture'))
      return void reply.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([137, 80, 78, 71]))
    if (method === 'DELETE') return void reply.writeHead(204).end()
    if (url === '/pets/none') return json(reply, { error: 'no such pet' }, 404)
    json(reply, { name: url })
  })

describe('a registered API', () => {
  test('is a tool per operation, and answers structure, text, pictures and errors', async () => {
    const server = await pets()
    const { call, house } = await openApis()

    const one = await call('api_register', { alias: 'zoo', document: petsDocument(server.url) })

    expect(one).toMatchObject({ alias: 'zoo', title: 'Pets', toolCount: 5, state: 'ready', version: 1, problems: [] })
    expect(await call('zoo__listPets', { limit: 3 })).toMatchObject({
      structuredContent: { pets: [{ name: 'Ada' }] },
      content: [{ type: 'text', text: '{"pets":[{"name":"Ada"}]}' }, { text: expect.stringContaining('rel="next"') }],
      _meta: { http: { status: 200 } },
    })
    expect(await call('zoo__addPet', { body: { name: 'Bob' } })).toMatchObject({ structuredContent: { name: 'Bob' } })
    expect(await call('zoo__drawPet', { id: '1' })).toMatchObject({
      content: [{ type: 'image', mimeType: 'image/png', data: 'iVBORw==' }],
    })
    expect(await call('zoo__removePet', { id: '1' })).toMatchObject({ content: [{ text: expect.stringContaining('204') }] })
    expect(await call('zoo__getPet', { id: 'none' })).toMatchObject({
      isError: true,
      content: [{ text: 'The API answered 404 Not Found\n{"error":"no such pet"}' }],
    })
    expect(server.heard.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /pets?limit=3',
      'POST /pets',
      'GET /pets/1/picture',
      'DELETE /pets/1',
      'GET /pets/none',
    ])
    expect(house.lines.filter(({ level }) => level === 'error')).toEqual([])
  })

  test('is called by who holds the right to the operation, with arguments that its schema takes', async () => {
    const server = await pets()
    const { call, house } = await openApis()
    await call('api_register', { alias: 'zoo', document: petsDocument(server.url) })
    await call('api_set_operation', { alias: 'zoo', key: 'GET /pets/{id}', name: 'pet', permit: 'tool:keepers' })
    const send = async (name: string, args: object, token: string) => {
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(args) }
      return (await house.fetch(`/api/tools/zoo/${name}`, token, init)).status
    }

    expect(await send('listPets', { limit: 'many' }, house.adminToken)).toBe(400)
    expect(await send('listPets', { misspelt: 1 }, house.adminToken)).toBe(400)
    expect(await send('listPets', {}, await house.token('tool:zoo__getPet'))).toBe(403)
    expect(await send('listPets', {}, await house.token('tool:zoo__*'))).toBe(200)
    expect(await send('pet', { id: '1' }, await house.token('tool:zoo__*'))).toBe(403)
    expect(await send('pet', { id: '1' }, await house.token('tool:keepers'))).toBe(200)
    expect(await send('getPet', { id: '1' }, house.adminToken)).toBe(404)
    expect(server.heard.map(({ url }) => url)).toEqual(['/pets', '/pets/1'])
  })

  test('hands on who follows a request, and says where a long answer was cut', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const server = await openServer((_, reply) => json(reply, { pets: [{ name: 'x'.repeat(3_000) }] }))
    const { call, house } = await openApis()
    await call('api_register', { alias: 'zoo', document: petsDocument(server.url), maxAnswerBytes: 1_000 })

    const init = { method: 'POST', headers: { 'content-type': 'application/json', traceparent }, body: '{}' }
    const told = (await (await house.fetch('/api/tools/zoo/listPets', house.adminToken, init)).json()) as any

    expect(server.heard[0]!.headers['traceparent']).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-/)
    expect(server.heard[0]!.headers['x-request-id']).toBe(told.requestId)
    expect(told.content[0].text).toHaveLength(1_000)
    expect(told.content[1].text).toContain('longer than 1000 bytes')
  })

  test('is unavailable while no worker serves its lane, and gone when it is removed', async () => {
    const { call, refused } = await openApis({ working: false })
    await call('api_register', { alias: 'zoo', document: petsDocument('https://zoo.example') })
    expect(await refused('zoo__listPets')).toMatchObject({ code: 'unavailable' })

    await call('api_disable', { alias: 'zoo' })
    expect(await refused('zoo__listPets')).toMatchObject({ code: 'not_found' })
    expect(await call('api_enable', { alias: 'zoo' })).toMatchObject({ toolCount: 5 })

    await call('api_remove', { alias: 'zoo' })
    expect(await refused('zoo__listPets')).toMatchObject({ code: 'not_found' })
    expect(await refused('api_get', { alias: 'zoo' })).toMatchObject({ code: 'not_found' })
    expect(await call('api_register', { alias: 'zoo', document: petsDocument('https://zoo.example') })).toMatchObject({
      version: 1,
    })
  })
})
