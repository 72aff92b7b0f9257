import { describe, expect, it, vi } from 'vitest'
import { connect, Listener, send } from './client.ts'
import { stoppedClock } from './clock.ts'
import { text } from './demo-module.ts'
import { serveWorld } from './world.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'
/** Rights to all tools, and to nothing else that is listed. */
const toTools = (key: string): boolean => !/^(prompt|resource):/.test(key)

const LIST_CHANGED = { jsonrpc: '2.0', method: 'notifications/tools/list_changed' }

describe('The standing stream', () => {
  it('needs a client that reads events', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const { response } = await session.listen({ accept: 'application/json' })

    expect(response.statusCode).toBe(406)
  })

  it('tells of a changed list, once for changes that follow each other, with an event id', async () => {
    const { url, demo } = await serveWorld({ limits: { listChangedDebounceMs: 20 } })
    const session = await connect(url, ALICE)
    const stream = await session.listen()

    demo.setTools(['one'])
    demo.setTools(['one', 'two'])
    await vi.waitFor(() => expect(stream.events).toHaveLength(1))
    demo.setTools(['three'])
    await vi.waitFor(() => expect(stream.events).toHaveLength(2))

    expect(stream.events).toEqual([LIST_CHANGED, LIST_CHANGED])
    expect(stream.text).toMatch(/^id: s1-1$[\s\S]*^id: s1-2$/m)
    stream.hangUp()
  })

  it('tells only those whose own list changed', async () => {
    const { url, demo } = await serveWorld()
    const alice = await (await connect(url, ALICE)).listen()
    const bob = await (await connect(url, BOB)).listen()
    const elsewhere = await (await connect(`${url}/s/thing`, ALICE)).listen()

    demo.setTools(['one'])
    await vi.waitFor(() => expect(alice.events).toHaveLength(1))
    demo.setRights('bob', toTools)
    await vi.waitFor(() => expect(bob.events).toHaveLength(1))

    expect(alice.events).toHaveLength(1)
    expect(elsewhere.events).toEqual([])
    for (const stream of [alice, bob, elsewhere]) stream.hangUp()
  })

  it('says nothing when the list is again what the client knows', async () => {
    const { url, demo } = await serveWorld({ limits: { listChangedDebounceMs: 20 } })
    const session = await connect(url, ALICE)
    const stream = await session.listen()
    const witness = await (await connect(url, BOB)).listen()

    demo.setTools(['one'])
    demo.setTools(['wait', 'chat', 'relay'])
    demo.setRights('bob', toTools)
    await vi.waitFor(() => expect(witness.events).toHaveLength(1))

    expect(stream.events).toEqual([])
    for (const open of [stream, witness]) open.hangUp()
  })

  it('tells of what changed while nobody listened', async () => {
    const { url, demo } = await serveWorld()
    const session = await connect(url, ALICE)
    demo.setTools(['one'])

    const stream = await session.listen()

    await vi.waitFor(() => expect(stream.events).toEqual([LIST_CHANGED]))
    stream.hangUp()
  })

  it('ends when the credentials that opened it are worth nothing any more', async () => {
    const { url, demo, server } = await serveWorld()
    const stream = await (await connect(url, ALICE)).listen()

    demo.setRights('alice', undefined)

    await vi.waitFor(() => expect(stream.ended).toBe(true))
    await vi.waitFor(() => expect(server.streams).toBe(0))
  })

  it('exists once in a session: the newest takes over', async () => {
    const { url, demo, server } = await serveWorld()
    const session = await connect(url, ALICE)
    const first = await session.listen()
    const second = await session.listen()
    await vi.waitFor(() => expect(first.ended).toBe(true))

    demo.setTools(['one'])

    await vi.waitFor(() => expect(second.events).toEqual([LIST_CHANGED]))
    expect(first.events).toEqual([])
    expect(server.streams).toBe(1)
    second.hangUp()
  })

  it('ends with its session', async () => {
    const { url, server } = await serveWorld()
    const session = await connect(url, ALICE)
    const stream = await session.listen()

    await session.end()

    await vi.waitFor(() => expect(stream.ended).toBe(true))
    await vi.waitFor(() => expect(server.streams).toBe(0))
  })

  it('is kept alive by comments when nothing else is said', async () => {
    const clock = stoppedClock()
    const { url, server } = await serveWorld({ nowMs: clock.nowMs })
    const stream = await (await connect(url, ALICE, '2025-06-18')).listen()

    clock.advance(14_999)
    server.tick()
    clock.advance(1)
    server.tick()

    await vi.waitFor(() => expect(stream.text).toBe(': keep-alive\n\n'))
    stream.hangUp()
  })
})

describe('The answer to a call', () => {
  it('that takes long turns into a stream that is kept alive', async () => {
    const clock = stoppedClock()
    const { url, server, demo } = await serveWorld({ nowMs: clock.nowMs })
    const session = await connect(url, ALICE, '2025-06-18')
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'demo__wait' } }
    const answer = send(url, ALICE, { body, headers: { 'mcp-session-id': session.id } })
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    clock.advance(15_000)
    server.tick()
    const stream = new Listener(await answer)
    await vi.waitFor(() => expect(stream.text).toContain(': keep-alive'))
    demo.waiting[0]!.finish(text('done'))

    await vi.waitFor(() => expect(stream.ended).toBe(true))
    expect(stream.events).toMatchObject([{ id: 1, result: { content: [{ text: 'done' }] } }])
  })

  it('that was given while its tool still runs is not touched again', async () => {
    const clock = stoppedClock()
    const { url, server, demo } = await serveWorld({ nowMs: clock.nowMs })
    demo.setTools(['deaf'])
    const session = await connect(url, ALICE, '2025-03-26')
    const answer = session.post([
      { jsonrpc: '2.0', id: 1, method: 'ping' },
      { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'demo__deaf' } },
    ])
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } })
    expect((await answer).json).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }])
    clock.advance(15_000)
    server.tick()

    expect(server.requestsInFlight).toBe(1)
    demo.waiting[0]!.finish(text('nobody hears'))
    await vi.waitFor(() => expect(server.requestsInFlight).toBe(0))
  })

  it('to a reader that does not read drops notifications, never the result', async () => {
    const { url, server, demo, lines } = await serveWorld({ limits: { streamBufferBytes: 65_536 } })
    const session = await connect(url, ALICE)
    const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'demo__wait', _meta: { progressToken: 1 } } }
    const answer = send(url, ALICE, { body, headers: { 'mcp-session-id': session.id } })
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))
    const { visit, finish } = demo.waiting[0]!

    // More than the buffers of both sockets hold, so that some of it has to wait here.
    for (let sent = 0; sent < 500; sent += 1) visit.progress!({ progress: sent, message: 'x'.repeat(65_536) })
    expect(server.droppedNotifications).toBeGreaterThan(0)
    server.tick()
    expect(lines.at(-1)).toEqual({ event: 'mcp.notifications_dropped', fields: { dropped: server.droppedNotifications } })
    finish(text('done'))

    const stream = new Listener(await answer)
    await vi.waitFor(() => expect(stream.ended).toBe(true))
    expect(stream.events.at(-1)).toMatchObject({ id: 1, result: { content: [{ text: 'done' }] } })
    expect(stream.events.length).toBeLessThan(500)
  })
})

describe('A server that closes', () => {
  it('ends streams, lets a call finish, and takes nothing new', async () => {
    const { url, server, demo } = await serveWorld()
    const session = await connect(url, ALICE)
    const stream = await session.listen()
    const call = session.request('tools/call', { name: 'demo__wait' })
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    const closing = server.close(60_000)
    await vi.waitFor(() => expect(stream.ended).toBe(true))
    expect((await session.post({ jsonrpc: '2.0', id: 5, method: 'ping' })).status).toBe(503)
    demo.waiting[0]!.finish(text('just in time'))

    await closing
    expect((await call).result.content[0].text).toBe('just in time')
  })

  it('takes back a call that hangs, and says so', async () => {
    const { url, server, demo } = await serveWorld()
    const session = await connect(url, ALICE)
    const call = session.request('tools/call', { name: 'demo__wait' }, 'c')
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    await server.close(10)

    expect(await call).toMatchObject({ id: 'c', error: { code: 5_030 } })
    expect(demo.waiting[0]!.visit.signal.aborted).toBe(true)
  })
})
