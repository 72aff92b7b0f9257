import { describe, expect, it } from 'vitest'
import { connect } from './client.ts'
import { serveWorld } from './world.ts'

const ALICE = 'alice-token'

describe('A message', () => {
  it.each([
    ['a number', 7, null],
    ['no version', { id: 1, method: 'ping' }, 1],
    ['another version', { jsonrpc: '1.0', id: 'a', method: 'ping' }, 'a'],
    ['a method that is no text', { jsonrpc: '2.0', id: 1, method: 7 }, 1],
    ['an id of null', { jsonrpc: '2.0', id: null, method: 'ping' }, null],
    ['an id that is an object', { jsonrpc: '2.0', id: {}, method: 'ping' }, null],
    ['params that are an array', { jsonrpc: '2.0', id: 2, method: 'ping', params: [] }, 2],
    ['neither method nor result', { jsonrpc: '2.0', id: 3 }, 3],
    ['a result without an id', { jsonrpc: '2.0', result: {} }, null],
    ['null', null, null],
  ])('with %s is refused', async (_what, body, id) => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await session.post(JSON.stringify(body))

    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', id, error: { code: -32_600 } })
  })

  it.each([0, -1, 1.5, 9_007_199_254_740_991, '', 'ü "quoted"\n', '1'])('comes back with its id %j as it was', async (id) => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await session.post({ jsonrpc: '2.0', id, method: 'ping' })

    expect(answer.json).toStrictEqual({ jsonrpc: '2.0', id, result: {} })
  })

  it.each(['9007199254740993', '-9007199254740993', '1e400'])(
    'with the id %s, which would come back as another, is refused',
    async (id) => {
      const { url } = await serveWorld()
      const session = await connect(url, ALICE)

      const answer = await session.post(`{"jsonrpc":"2.0","id":${id},"method":"ping"}`)

      expect(answer.status).toBe(400)
      expect(answer.json).toMatchObject({ id: null, error: { code: -32_600 } })
    },
  )

  it.each(['tasks/update', 'nonsense', 'constructor', '__proto__'])(
    'with the unknown method %s is answered so',
    async (method) => {
      const { url } = await serveWorld()
      const session = await connect(url, ALICE)

      const answer = await session.post({ jsonrpc: '2.0', id: 1, method })

      expect(answer.status).toBe(200)
      expect(answer.json.error.code).toBe(-32_601)
    },
  )

  it.each([
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    { jsonrpc: '2.0', method: 'notifications/whatever', params: { x: 1 } },
    { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 99 } },
    { jsonrpc: '2.0', method: 'notifications/cancelled' },
    { jsonrpc: '2.0', id: 4, result: {} },
    { jsonrpc: '2.0', id: 4, error: { code: 1, message: 'no' } },
  ])('that asks nothing is accepted without a body: %j', async (body) => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await session.post(body)

    expect(answer.status).toBe(202)
    expect(answer.text).toBe('')
  })
})

describe('An array of messages', () => {
  const batch = [
    { jsonrpc: '2.0', id: 1, method: 'ping' },
    { jsonrpc: '2.0', method: 'notifications/whatever' },
    { jsonrpc: '2.0', id: 'two', method: 'tools/call', params: { name: 'demo__relay' } },
    { jsonrpc: '1.0', id: 3, method: 'ping' },
    { jsonrpc: '2.0', id: 4, method: 'initialize', params: {} },
  ]

  it('is answered by an array in a 2025-03-26 session', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE, '2025-03-26')

    const answer = await session.post(batch)

    const byId = new Map(answer.json.map((one: { id: unknown }) => [one.id, one]))
    expect(byId.size).toBe(4)
    expect(byId.get(1)).toMatchObject({ result: {} })
    expect(byId.get('two')).toMatchObject({ result: { 'x-field': { deep: null } } })
    expect(byId.get(3)).toMatchObject({ error: { code: -32_600 } })
    expect(byId.get(4)).toMatchObject({ error: { code: -32_601 } })
  })

  it('turns into a stream when a notification has to come first, and every request is answered once', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE, '2025-03-26')

    const answer = await session.post([
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'demo__chat' } },
    ])

    const ids = answer.events.filter((event) => 'id' in event).map((event) => event.id)
    expect(ids).toEqual([1, 2])
  })

  it('of notifications only is accepted without a body', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE, '2025-03-26')

    const answer = await session.post([{ jsonrpc: '2.0', method: 'notifications/whatever' }])

    expect(answer.status).toBe(202)
  })

  it.each([
    ['an empty one', []],
    ['one of 101', Array.from({ length: 101 }, (_, id) => ({ jsonrpc: '2.0', id, method: 'ping' }))],
  ])('is refused even there when it is %s', async (_what, body) => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE, '2025-03-26')

    const answer = await session.post(body)

    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ id: null, error: { code: -32_600 } })
  })

  it.each(['2024-11-05', '2025-06-18', '2025-11-25'])('is refused in a %s session', async (revision) => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE, revision)

    const answer = await session.post(batch)

    expect(answer.status).toBe(400)
    expect(answer.json.error.code).toBe(-32_600)
  })
})
