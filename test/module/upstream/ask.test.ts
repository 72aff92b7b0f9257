import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { RpcError } from '../../../src/mcp/rpc.ts'
import { startHttpUpstream } from '../../fixture/upstream/http-upstream.ts'
import { eventually, openUpstreams, type TestClient, testClient, told, type Upstreams } from './open-upstreams.ts'

const FORM = { type: 'object', properties: { name: { type: 'string' } } }
const ACCEPTS = { elicitation: { form: {}, url: {} }, sampling: {}, roots: { listChanged: true } }

const HOSTILE = [
  { requestedSchema: { type: 'object', properties: { a: { type: 'object' } } } },
  [
    'a form by reference',
    { requestedSchema: { type: 'object', properties: { a: { type: 'string', $ref: 'https://x.example' } } } },
  ],
  { requestedSchema: undefined },
  { mode: 'url', url: 'javascript:alert(1)' },
  { mode: 'url', url: 'file:///etc/passwd' },
  { mode: 'url', url: 'http://bank.example/' },
  { mode: 'url', url: 'https://bank.example@evil.example/' },
  { mode: 'hologram', requestedSchema: FORM },
  { message: { text: 'x' }, requestedSchema: FORM },
]

const callBy = (house: Upstreams, client: TestClient, name: string, args: object = {}, more: object = {}) =>
  house.call(name, args, { client, ask: client.ask, ...more })
async function answerTo(house: Upstreams, client: TestClient, method: string, params: object = {}, more: object = {}) {
  const { content } = await callBy(house, client, 'one__ask', { method, params }, more)
  return JSON.parse(String(content?.[0]?.['text']))
}
const requestsOf = async (house: Upstreams) =>
  (await house.operate('audit_call_list', { limit: 50 })).calls.filter(({ tool }: { tool: string }) =>
    tool.startsWith('request:'),
  )

describe('what a server asks during a call', () => {
  it('is answered by the client of the call, and recorded as a part of it', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const client = testClient(ACCEPTS, (method) => (method === 'roots/list' ? { roots: [], 'x-extra': 1 } : { action: 'accept' }))

    expect(await answerTo(house, client, 'roots/list')).toEqual({ roots: [], 'x-extra': 1 })
    const params = { message: 'Who are you?', requestedSchema: FORM, 'x-extra': 1 }
    expect(await answerTo(house, client, 'elicitation/create', params)).toEqual({ action: 'accept' })

    expect(client.asked).toEqual([
      { method: 'roots/list', params: {} },
      { method: 'elicitation/create', params: { ...params, message: '[one] Who are you?' } },
    ])
    expect((await requestsOf(house)).map(({ tool, outcome }: Record<string, string>) => [tool, outcome])).toEqual([
      ['request:one__elicitation/create', 'ok'],
      ['request:one__roots/list', 'ok'],
    ])
  })

  it('takes no place away from others while people think', async () => {
    const house = await openUpstreams({ one: { ...told(), maxConcurrency: 2, maxQueue: 0 } })
    await house.until('one', 'connected')
    const { promise: thought, resolve } = Promise.withResolvers<object>()
    const slow = testClient(ACCEPTS, () => thought)
    const params = { message: 'x', requestedSchema: FORM }
    const thinking = [1, 2, 3].map(async (which) => {
      await eventually(() => expect(slow.asked).toHaveLength(which - 1))
      return answerTo(house, slow, 'elicitation/create', params)
    })
    await eventually(() => expect(slow.asked).toHaveLength(3))

    expect(
      await answerTo(
        house,
        testClient(ACCEPTS, () => ({ roots: [] })),
        'roots/list',
      ),
    ).toEqual({ roots: [] })

    resolve({ action: 'accept' })
    expect(await Promise.all(thinking)).toEqual([{ action: 'accept' }, { action: 'accept' }, { action: 'accept' }])
  })

  it('is asked again for another call when the one that it was taken for ends first', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const waiting: ((answer: object) => void)[] = []
    const roots = { roots: [{ uri: 'file:///home' }] }
    const client = testClient(ACCEPTS, () => (waiting.length < 3 ? new Promise((resolve) => waiting.push(resolve)) : roots))
    const calls = [1, 2, 3].map(() => answerTo(house, client, 'roots/list'))
    await eventually(() => expect(waiting).toHaveLength(3))

    for (const answer of waiting.reverse()) answer(roots)

    expect(await Promise.all(calls)).toEqual([roots, roots, roots])
  })

  it('is refused where the client never said that it can be asked, or refuses itself', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const forms = testClient({ elicitation: {} }, () => {
      throw new RpcError(-1, 'User said no', { data: { by: 'user' } })
    })
    const url = { mode: 'url', message: 'x', url: 'https://x.example', elicitationId: '1' }

    expect(await answerTo(house, forms, 'sampling/createMessage')).toMatchObject({ error: { code: -32601 } })
    expect(await answerTo(house, forms, 'elicitation/create', url)).toMatchObject({ error: { code: -32602 } })
    expect(await answerTo(house, forms, 'server/takeover')).toMatchObject({ error: { code: -32601 } })
    expect(forms.asked).toEqual([])
    expect(await answerTo(house, forms, 'elicitation/create', { message: 'x', requestedSchema: FORM })).toEqual({
      error: { code: -1, message: 'User said no', data: { by: 'user' } },
    })
    const { content } = await house.call('one__ask', { method: 'roots/list' }, { sessionKey: 'no client' })
    expect(content?.[0]?.['text']).toContain('-32601')
  })

  it('is refused where an operator denies it, which the server is told from the beginning', async () => {
    const house = await openUpstreams({ one: told([], { deny: ['sampling', 'roots'] }) })
    await house.until('one', 'connected')
    const client = testClient({ ...ACCEPTS, experimental: { x: {} } })

    expect(await answerTo(house, client, 'sampling/createMessage')).toMatchObject({ error: { code: -32601 } })
    const { content } = await callBy(house, client, 'one__client')
    expect(JSON.parse(String(content?.[0]?.['text'])).capabilities).toEqual({
      elicitation: ACCEPTS.elicitation,
      experimental: { x: {} },
    })
    expect(client.asked).toEqual([])
    expect(await requestsOf(house)).toMatchObject([{ outcome: 'forbidden' }])
  })

  it('is refused with invalid params where no client should be shown it', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const client = testClient(ACCEPTS)

    for (const params of HOSTILE) {
      const answer = await answerTo(house, client, 'elicitation/create', { message: 'x', ...params })
      expect(answer, JSON.stringify(params)).toMatchObject({ error: { code: -32602 } })
    }

    expect(client.asked).toEqual([])
  })

  it('goes to the right client when two of them share the server', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const clients = ['a', 'b'].map((name) => testClient(ACCEPTS, async () => ({ name })))

    const answers = await Promise.all(
      clients.map((client, index) => answerTo(house, client, 'roots/list', {}, { sessionKey: `s${index}` })),
    )

    expect(answers).toEqual([{ name: 'a' }, { name: 'b' }])
    const { lines } = await house.operate('upstream_get', { alias: 'one' })
    expect(lines).toEqual([0, 1].map(() => ({ caller: 'system', client: 'tester 1', inFlight: 0 })))
  })

  it('goes over one connection for all to the only client with a call, and to none where it may be about another’s call that was given up', async () => {
    const house = await openUpstreams({ one: told([], { shared: true }) })
    await house.until('one', 'connected')
    const client = testClient(ACCEPTS, () => ({ roots: [] }))
    expect(await answerTo(house, client, 'roots/list')).toEqual({ roots: [] })
    const other = new AbortController()
    const long = house.call('one__never', {}, { sessionKey: 'other', signal: other.signal }).catch(() => 'over')
    await eventually(async () => expect((await house.operate('upstream_get', { alias: 'one' })).inFlight).toBe(1))

    expect(await answerTo(house, client, 'roots/list')).toMatchObject({ error: { code: -32601 } })
    other.abort()
    expect(await long).toBe('over')
    expect(await answerTo(house, client, 'roots/list')).toMatchObject({ error: { code: -32601 } })
    expect(await answerTo(house, client, 'roots/list', {}, { sessionKey: 'other' })).toEqual({ roots: [] })
  })

  it('gives calls that wait for answers of their own a process each, and takes the next call to one that is free', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const both = Promise.withResolvers<void>()
    let count = 0
    const parked = (name: string): TestClient =>
      testClient(
        ACCEPTS,
        async () => {
          count += 1
          if (count === 2) both.resolve()
          await both.promise
          return { name }
        },
        { takesInputRequired: true, standing: undefined },
      )
    const clients = ['a', 'b'].map(parked)

    const answers = await Promise.all(clients.map((client) => answerTo(house, client, 'roots/list')))

    expect(answers).toEqual([{ name: 'a' }, { name: 'b' }])
    expect((await house.operate('upstream_get', { alias: 'one' })).sessions).toBe(2)
    await callBy(house, clients[0]!, 'one__params')
    expect((await house.operate('upstream_get', { alias: 'one' })).sessions).toBe(2)
  })

  it('is taken back when the call is', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const asked = Promise.withResolvers<AbortSignal>()
    const client = testClient(ACCEPTS, (_method, _params, signal) => {
      asked.resolve(signal)
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    })
    const caller = new AbortController()
    const call = answerTo(house, client, 'roots/list', {}, { signal: caller.signal }).catch((fault) => fault.code)

    const signal = await asked.promise
    caller.abort()

    expect(await call).toBe('cancelled')
    expect(signal.aborted).toBe(true)
  })
})

it('leaves nothing of a call behind, asked or not', async () => {
  const house = await openUpstreams({ one: told() })
  await house.until('one', 'connected')
  const client = testClient(ACCEPTS, () => ({ roots: [] }))
  const { signal } = new AbortController()

  for (let round = 0; round < 100; round += 1)
    await Promise.all([
      answerTo(house, client, 'roots/list', {}, { signal }),
      callBy(house, client, 'one__params', {}, { signal }),
      callBy(house, client, 'one__fail', { error: { code: 1, message: 'x' } }, { signal }).catch(() => undefined),
    ])

  const link = house.store.registry.get('one').link!
  expect(getEventListeners(signal, 'abort')).toEqual([])
  expect(link.calls.all()).toEqual([])
  expect(link.lines.sessions.lines().map(({ calls }) => calls.size)).toEqual([0])
})

describe('outside of calls', () => {
  it('a server’s questions and messages go to the stream of the client whose line it is', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const client = testClient(ACCEPTS, () => ({ roots: [] }), { logLevel: 'warning' })
    await callBy(house, client, 'one__params')

    await callBy(house, client, 'one__say', { method: 'notifications/message', params: { level: 'error', data: 1 } })

    expect(client.told).toEqual([{ method: 'notifications/message', params: { level: 'error', data: 1 } }])
    const { content } = await callBy(house, client, 'one__seen', { method: 'logging/setLevel' })
    expect(JSON.parse(String(content?.[0]?.['text']))).toEqual([{ level: 'warning' }])
  })

  it('a question of a server without sessions is for nobody, even while a single call is under way', async () => {
    const server = await startHttpUpstream({ sessions: 'none', tools: ['never'] })
    const house = await openUpstreams({ http: { url: server.url } })
    await house.until('http', 'connected')
    const client = testClient(ACCEPTS, () => ({ roots: [] }))
    const caller = new AbortController()
    const call = callBy(house, client, 'http__never', {}, { signal: caller.signal }).catch((fault) => fault.code)
    const posted = (method: string | undefined) =>
      server.requests.filter((each) => each.method === 'POST' && each.rpcMethod === method)
    await eventually(() => expect([posted('tools/call').length, server.openStreams]).toEqual([1, 1]))

    server.push('roots/list', {}, 'q1')
    await eventually(() => expect(posted(undefined)).toHaveLength(1))
    caller.abort()

    expect(await call).toBe('cancelled')
    expect(client.asked).toEqual([])
    await house.close()
    await server.stop()
  })

  it('a client’s news of its roots reach its own line', async () => {
    const house = await openUpstreams({ one: told() })
    await house.until('one', 'connected')
    const client = testClient(ACCEPTS)
    const seen = async (sessionKey: string) =>
      JSON.parse(
        String(
          (await callBy(house, client, 'one__seen', { method: 'notifications/roots/list_changed' }, { sessionKey }))
            .content?.[0]?.['text'],
        ),
      )
    await seen('mine')
    await seen('other')

    house.gatehouse.events.publish('roots_changed', { sessionKey: 'mine' })

    expect(await seen('mine')).toEqual([null])
    expect(await seen('other')).toEqual([])
  })
})

describe('a watched resource', () => {
  const watch = (house: Upstreams, client: TestClient, on: boolean, sessionKey = 'test', uri = 'a:1') =>
    house.call(`subscription:resource:one__${uri}`, { on, uri }, { client, ask: client.ask, sessionKey })
  const update = (house: Upstreams, client: TestClient, uri: string, sessionKey = 'test') =>
    callBy(
      house,
      client,
      'one__say',
      { method: 'notifications/resources/updated', params: { uri, 'x-extra': 1 } },
      { sessionKey },
    )
  const UPDATED = { method: 'notifications/resources/updated', params: { uri: 'a:1', 'x-extra': 1 } }

  it('is told of to the client that watches it, until it no longer does', async () => {
    const house = await openUpstreams({ one: told(['--resources=a:1']) })
    await house.until('one', 'connected')
    const [client, other] = [testClient(), testClient()]

    expect(await watch(house, client, true)).toEqual({})
    await update(house, client, 'a:1')
    await update(house, client, 'a:1/part')
    await update(house, client, 'b:1')
    await update(house, other, 'a:1', 'other')
    await watch(house, client, false)
    await update(house, client, 'a:1')

    expect(client.told).toEqual([UPDATED, { ...UPDATED, params: { ...UPDATED.params, uri: 'a:1/part' } }])
    expect(other.told).toEqual([])
  })

  it('is told of also to a client whose calls have lines of their own', async () => {
    const house = await openUpstreams({ one: told(['--resources=a:1']) })
    await house.until('one', 'connected')
    const client = testClient(ACCEPTS, undefined, { takesInputRequired: true })
    const caller = new AbortController()
    const long = callBy(house, client, 'one__never', {}, { signal: caller.signal }).catch(() => 'over')

    await watch(house, client, true)
    const [line] = house.store.registry.get('one').link!.lines.sessions.lines()
    const tell = (name: string, args: object) =>
      line!.connection.request('tools/call', { name, arguments: args }, { idleTimeoutMs: 5_000 })
    const seen = JSON.stringify(await tell('seen', { method: 'resources/subscribe' }))
    await tell('say', UPDATED)

    expect(line!.calls.size).toBe(1)
    expect(seen).toContain('a:1')
    expect(client.told).toEqual([UPDATED])
    caller.abort()
    expect(await long).toBe('over')
  })

  it('is watched once over a connection for all, and no longer when the last session ends', async () => {
    const house = await openUpstreams({ one: told(['--resources=a:1'], { shared: true }) })
    await house.until('one', 'connected')
    const clients = [testClient(), testClient()]
    const seen = async (method: string) => (await house.callText('one__seen', { method })).split('"uri"').length - 1

    for (const [index, client] of clients.entries()) await watch(house, client, true, `s${index}`)
    await update(house, clients[0]!, 'a:1')
    await update(house, clients[0]!, 'a:1')

    expect(clients.map(({ told }) => told)).toEqual([
      [UPDATED, UPDATED],
      [UPDATED, UPDATED],
    ])
    expect(await seen('resources/subscribe')).toBe(1)
    house.gatehouse.events.publish('session_ended', { sessionKey: 's0' })
    house.gatehouse.events.publish('session_ended', { sessionKey: 's1' })
    await eventually(async () => expect(await seen('resources/unsubscribe')).toBe(1))
    expect(house.store.registry.get('one').link?.subscriptions.size).toBe(0)
  })

  it('is watched again over the connection that follows a lost one', async () => {
    const house = await openUpstreams({ one: told(['--resources=a:1'], { shared: true }) })
    await house.until('one', 'connected')
    const client = testClient()
    await watch(house, client, true)

    await house.operate('upstream_restart', { alias: 'one' })

    await eventually(async () => expect(await house.callText('one__seen', { method: 'resources/subscribe' })).toContain('a:1'))
    await update(house, client, 'a:1')
    expect(client.told).toEqual([UPDATED])
  })
})
