import { describe, expect, it, vi } from 'vitest'
import { ask, connect, Listener, send } from './client.ts'
import { text } from './demo-module.ts'
import { serveWorld } from './world.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'

describe('tools/list', () => {
  it('shows what the caller may call, sorted, with every field of the definition', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const { result } = await session.request('tools/list')

    expect(result.tools.map(({ name }: { name: string }) => name)).toEqual([
      'demo__chat',
      'demo__relay',
      'demo__wait',
      'thing_break',
      'thing_echo',
      'thing_find',
    ])
    expect(result.tools[0]).toMatchObject({ description: 'Tool chat.', 'x-kept': 1 })
    expect(result).not.toHaveProperty('nextCursor')
  })

  it('hides what the caller may not call', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, BOB)

    const { result } = await session.request('tools/list')

    expect(result.tools.map(({ name }: { name: string }) => name)).toEqual(['thing_echo', 'thing_find'])
  })

  it('shows one source by its own names at the address of the source', async () => {
    const { url } = await serveWorld()
    const session = await connect(`${url}/s/demo`, ALICE)

    const { result } = await session.request('tools/list')

    expect(result.tools.map(({ name }: { name: string }) => name)).toEqual(['chat', 'relay', 'wait'])
  })

  it('is empty, and says so at the beginning, for a source that is not there', async () => {
    const { url } = await serveWorld()
    const opened = await ask(`${url}/s/nowhere`, ALICE, {
      body: {
        jsonrpc: '2.0',
        id: 0,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
      },
    })
    const session = await connect(`${url}/s/nowhere`, ALICE)

    expect(opened.json.result.instructions).toContain('there is none')
    expect((await session.request('tools/list')).result).toEqual({ tools: [] })
  })

  it('comes in pages whose cursors outlive a change of the list', async () => {
    const { url, demo } = await serveWorld({ limits: { toolsPerPage: 2 } })
    const session = await connect(`${url}/s/demo`, ALICE)
    demo.setTools(['a', 'b', 'c', 'd', 'e'])

    const first = (await session.request('tools/list')).result
    demo.setTools(['a', 'c', 'd', 'e'])
    const second = (await session.request('tools/list', { cursor: first.nextCursor })).result
    const third = (await session.request('tools/list', { cursor: second.nextCursor })).result

    expect([first, second, third].map(({ tools }) => tools.map(({ name }: { name: string }) => name))).toEqual([
      ['a', 'b'],
      ['c', 'd'],
      ['e'],
    ])
    expect(third).not.toHaveProperty('nextCursor')
  })

  it.each(['', 'nonsense', 'YWZ0ZXI6', 7, null, '5'])('refuses the cursor %j', async (cursor) => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await session.request('tools/list', { cursor })

    expect(answer).toMatchObject({ error: { code: -32_602 } })
  })
})

describe('tools/call', () => {
  it('answers an operation as text and as structured content, in plain JSON', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await session.post({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'thing_echo', arguments: { text: 'grüß "dich"' } },
    })

    expect(answer.headers['content-type']).toBe('application/json')
    expect(answer.json.result.structuredContent).toEqual({ text: 'grüß "dich"' })
    expect(JSON.parse(answer.json.result.content[0].text)).toEqual({ text: 'grüß "dich"' })
  })

  it('passes on the result of an upstream as it came, unknown content and all', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const { result } = await session.request('tools/call', { name: 'demo__relay' })

    expect(result).toStrictEqual({
      content: [{ type: 'x-hologram', cubes: 3 }],
      structuredContent: [1],
      'x-field': { deep: null },
    })
  })

  it('takes the plain name at the address of the source, and there no other', async () => {
    const { url } = await serveWorld()
    const session = await connect(`${url}/s/demo`, ALICE)

    expect((await session.request('tools/call', { name: 'relay' })).result).toHaveProperty('x-field')
    expect(await session.request('tools/call', { name: 'demo__relay' })).toMatchObject({ error: { code: -32_602 } })
    expect(await session.request('tools/call', { name: 'thing_echo' })).toMatchObject({ error: { code: -32_602 } })
  })

  it('sends progress and messages of the call before its result, on its own stream', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)
    const standing = await session.listen()

    const answer = await session.post({
      jsonrpc: '2.0',
      id: 9,
      method: 'tools/call',
      params: { name: 'demo__chat', _meta: { progressToken: 'p1' } },
    })

    expect(answer.headers['content-type']).toBe('text/event-stream')
    expect(answer.events).toMatchObject([
      {
        method: 'notifications/progress',
        params: { progressToken: 'p1', progress: 1, total: 2, message: 'half', 'x-kept': true },
      },
      { method: 'notifications/message', params: { level: 'info', data: 'quiet' } },
      { method: 'notifications/message', params: { level: 'error', data: 'loud' } },
      { method: 'notifications/x-unknown', params: { any: ['thing'] } },
      { id: 9, result: { content: [{ text: 'said it all' }] } },
    ])
    expect(standing.events).toEqual([])
    standing.hangUp()
  })

  it('sends no progress to a client that did not ask', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await session.post({ jsonrpc: '2.0', id: 9, method: 'tools/call', params: { name: 'demo__chat' } })

    expect(answer.events.map(({ method }) => method)).not.toContain('notifications/progress')
  })

  it('hands the door what the client sent beside name and arguments, but not the progress token', async () => {
    const { url, demo } = await serveWorld()
    const session = await connect(url, ALICE)

    await session.request('tools/call', {
      name: 'demo__relay',
      arguments: { a: 1 },
      'x-more': true,
      _meta: { progressToken: 1, traceparent: '00-1' },
    })
    await session.request('tools/call', { name: 'demo__relay', _meta: { progressToken: 2 } })

    expect(demo.visits[0]!.extra).toEqual({ 'x-more': true, _meta: { traceparent: '00-1' } })
    expect(demo.visits[0]!.arguments).toEqual({ a: 1 })
    expect(demo.visits[1]!.extra).toBeUndefined()
    expect(demo.visits[0]!.sessionKey).toBe(demo.visits[1]!.sessionKey)
    expect(demo.visits[0]!.sessionKey).not.toContain(session.id)
  })

  it.each([
    ['a tool that does not exist', { name: 'nope' }],
    ['no name', {}],
    ['a name that is no text', { name: 7 }],
    ['a name of 10 000 characters', { name: 'x'.repeat(10_000) }],
  ])('of %s is a protocol error', async (_what, params) => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await session.request('tools/call', params)

    expect(answer.error.code).toBe(-32_602)
    expect(answer.error.message.length).toBeLessThan(400)
  })

  it.each([
    ['a right that is missing', BOB, { name: 'demo__wait' }, 'forbidden'],
    ['a field that is missing', ALICE, { name: 'thing_echo' }, 'invalid'],
    ['a field of the wrong type', ALICE, { name: 'thing_echo', arguments: { text: 7 } }, 'invalid'],
    ['a misspelt field', ALICE, { name: 'thing_echo', arguments: { text: 'a', txet: 'b' } }, 'invalid'],
    ['arguments that are an array', ALICE, { name: 'demo__relay', arguments: [1] }, 'invalid'],
    ['a thing that is not found', ALICE, { name: 'thing_find' }, 'not_found'],
    ['a bug', ALICE, { name: 'thing_break' }, 'internal'],
  ])('that fails by %s is a result that says so', async (_what, token, params, code) => {
    const { url } = await serveWorld()
    const session = await connect(url, token)

    const { result } = await session.request('tools/call', params)

    expect(result.isError).toBe(true)
    expect(result.content[0].text).toMatch(new RegExp(`^${code}: `))
    expect(result._meta['gatehouse/fault']).toMatchObject({ code, requestId: 'r-1' })
  })

  it('names every misspelt or missing field by its path', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const { result } = await session.request('tools/call', { name: 'thing_echo', arguments: { txet: 'b' } })

    expect(result.content[0].text).toContain('/text')
    expect(result.content[0].text).toContain('txet')
  })

  it('tells programs when to try again and what else is known', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const { result } = await session.request('tools/call', { name: 'thing_find' })

    expect(result._meta['gatehouse/fault']).toEqual({
      code: 'not_found',
      requestId: 'r-1',
      retryAfterMs: 1_500,
      data: { thing: 7 },
    })
  })

  it('lets nothing of a bug out', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await session.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'thing_break' } })

    expect(answer.text).not.toContain('hunter2')
    expect(answer.text).not.toContain('.ts:')
  })

  it('acts on rights that changed since the call before', async () => {
    const { url, demo } = await serveWorld()
    const session = await connect(url, ALICE)
    expect((await session.request('tools/call', { name: 'demo__relay' })).result.isError).toBeUndefined()

    demo.setRights('alice', (key) => key === 'thing.read')

    expect((await session.request('tools/call', { name: 'demo__relay' })).result._meta['gatehouse/fault'].code).toBe('forbidden')
  })

  it('that waits does not hold up a ping', async () => {
    const { url, demo, server } = await serveWorld()
    const session = await connect(url, ALICE)
    const call = session.request('tools/call', { name: 'demo__wait' })
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    expect(server.requestsInFlight).toBe(1)
    expect(await session.request('ping')).toMatchObject({ result: {} })

    demo.waiting[0]!.finish(text('done'))
    expect((await call).result.content[0].text).toBe('done')
    expect(server.requestsInFlight).toBe(0)
  })

  it('does not take an id that is in use', async () => {
    const { url, demo } = await serveWorld()
    const session = await connect(url, ALICE)
    const call = session.request('tools/call', { name: 'demo__wait' }, 'same')
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    expect(await session.request('tools/call', { name: 'demo__relay' }, 'same')).toMatchObject({ error: { code: -32_600 } })

    demo.waiting[0]!.finish(text('done'))
    expect((await call).result.content[0].text).toBe('done')
    expect((await session.request('tools/call', { name: 'demo__relay' }, 'same')).result).toBeDefined()
  })

  it('keeps apart the calls of clients that use the same ids', async () => {
    const { url } = await serveWorld()
    const sessions = await Promise.all([connect(url, ALICE), connect(url, ALICE), connect(url, BOB)])

    const said = await Promise.all(
      Array.from({ length: 300 }, async (_, n) => {
        const answer = await sessions[n % 3]!.request(
          'tools/call',
          { name: 'thing_echo', arguments: { text: `${n}` } },
          1 + Math.floor(n / 3),
        )
        return answer.result.structuredContent.text
      }),
    )

    expect(said).toEqual(Array.from({ length: 300 }, (_, n) => `${n}`))
  })
})

describe('A call that its client', () => {
  it('cancels is taken back, and gets no answer', async () => {
    const { url, demo, server } = await serveWorld()
    const session = await connect(url, ALICE)
    const call = session.post({ jsonrpc: '2.0', id: 'c', method: 'tools/call', params: { name: 'demo__wait' } })
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'c', reason: 'enough' } })

    const answer = await call
    expect(answer.status).toBe(200)
    expect(answer.events).toEqual([])
    expect(demo.waiting[0]!.visit.signal.aborted).toBe(true)
    await vi.waitFor(() => expect(server.requestsInFlight).toBe(0))
  })

  it("cannot be cancelled from another session, not even the same caller's", async () => {
    const { url, demo } = await serveWorld()
    const session = await connect(url, ALICE)
    const other = await connect(url, ALICE)
    const call = session.request('tools/call', { name: 'demo__wait' }, 'c')
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    await other.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'c' } })

    expect(demo.waiting[0]!.visit.signal.aborted).toBe(false)
    demo.waiting[0]!.finish(text('done'))
    expect((await call).result.content[0].text).toBe('done')
  })

  it('hangs up on runs on', async () => {
    const { url, demo, server } = await serveWorld()
    const session = await connect(url, ALICE)
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'demo__wait', _meta: { progressToken: 1 } } }
    const answer = send(url, ALICE, { body, headers: { 'mcp-session-id': session.id } })
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))
    const { visit, finish } = demo.waiting[0]!
    visit.progress!({ progress: 1 })
    const listener = new Listener(await answer)

    listener.hangUp()
    await vi.waitFor(() => expect(listener.ended).toBe(true))
    visit.progress!({ progress: 2 })

    expect(visit.signal.aborted).toBe(false)
    expect(server.requestsInFlight).toBe(1)
    finish(text('nobody hears'))
    await vi.waitFor(() => expect(server.requestsInFlight).toBe(0))
    expect(await session.request('ping')).toMatchObject({ result: {} })
  })

  it('leaves behind by ending the session is taken back', async () => {
    const { url, demo, server } = await serveWorld()
    const session = await connect(url, ALICE)
    const call = session.post({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'demo__wait' } })
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    await session.end()

    expect((await call).events).toEqual([])
    expect(demo.waiting[0]!.visit.signal.aborted).toBe(true)
    await vi.waitFor(() => expect(server.requestsInFlight).toBe(0))
  })
})

describe('logging/setLevel', () => {
  it('holds back the messages below the level, in this session only', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)
    const other = await connect(url, ALICE)
    const chat = { jsonrpc: '2.0', id: 9, method: 'tools/call', params: { name: 'demo__chat' } }

    expect(await session.request('logging/setLevel', { level: 'warning' })).toMatchObject({ result: {} })

    const levels = (events: readonly { params?: { level?: string } }[]) => events.flatMap(({ params }) => params?.level ?? [])
    expect(levels((await session.post(chat)).events)).toEqual(['error'])
    expect(levels((await other.post(chat)).events)).toEqual(['info', 'error'])
  })

  it.each(['loud', 7, undefined])('refuses the level %s', async (level) => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    expect(await session.request('logging/setLevel', { level })).toMatchObject({ error: { code: -32_602 } })
  })
})
