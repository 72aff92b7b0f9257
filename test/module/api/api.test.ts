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
})
