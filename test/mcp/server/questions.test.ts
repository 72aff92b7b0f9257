import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import type { Client } from '../../../src/contract/visit.ts'
import { nextTurn } from '../../../src/core/next-turn.ts'
import { connect, Listener, type RawSession, send, sendAndHangUp } from './client.ts'
import { stoppedClock } from './clock.ts'
import { text } from './demo-module.ts'
import { type ServerWorld, serveWorld } from './world.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'
const ALL = { elicitation: {}, sampling: {}, roots: { listChanged: true } }
const FORM = { method: 'elicitation/create', params: { message: 'Who?', requestedSchema: { type: 'object' }, 'x-kept': 1 } }

/** A call that asks its client, and its stream once the question has come. */
async function askedCall({ url }: ServerWorld, session: RawSession, question: object = FORM, id: number | string = 'call-1') {
  const body = { jsonrpc: '2.0', id, method: 'tools/call', params: { name: 'demo__ask', arguments: question } }
  const stream = new Listener(await send(url, ALICE, { body, headers: { 'mcp-session-id': session.id } }))
  await vi.waitFor(() => expect(stream.events.length).toBeGreaterThan(0))
  return stream
}

async function openWorld(options: Parameters<typeof serveWorld>[0] = {}, capabilities: object = ALL) {
  const world = await serveWorld(options)
  world.demo.setTools(['ask', 'wait', 'chat'])
  return { world, session: await connect(world.url, ALICE, '2025-11-25', capabilities) }
}

/** The client of a session, as a tool sees it. */
async function clientOf({ demo }: ServerWorld, session: RawSession): Promise<Client> {
  await session.request('tools/call', { name: 'demo__chat' })
  return demo.visits.at(-1)!.client!
}

const answerOf = (stream: Listener): string => (stream.events.at(-1) as any).result.content[0].text // any: tests look into every shape

describe('A server that asks a client as part of a call', () => {
  it('is heard on the stream of the call, and gets the answer as it came', async () => {
    const { world, session } = await openWorld()
    const stream = await askedCall(world, session)

    const accepted = await session.post({ jsonrpc: '2.0', id: 1, result: { action: 'accept', 'x-kept': [1] } })
    await vi.waitFor(() => expect(stream.ended).toBe(true))

    expect(accepted.status).toBe(202)
    expect(stream.events).toMatchObject([{ jsonrpc: '2.0', id: 1, ...FORM }, { id: 'call-1' }])
    expect(JSON.parse(answerOf(stream))).toEqual({ action: 'accept', 'x-kept': [1] })
  })

  it('gets the error that the client answers', async () => {
    const { world, session } = await openWorld()
    const stream = await askedCall(world, session)

    await session.post({ jsonrpc: '2.0', id: 1, error: { code: -1, message: 'The user said no.' } })
    await vi.waitFor(() => expect(stream.ended).toBe(true))

    expect(answerOf(stream)).toBe('-1: The user said no.')
  })

  it.each([[{ result: 7 }], [{ result: null }], [{ error: 'no' }], [{ error: { code: 'x', message: 1 } }]])(
    'hears that the client answered nonsense when it says %j',
    async (answer) => {
      const { world, session } = await openWorld()
      const stream = await askedCall(world, session)

      await session.post({ jsonrpc: '2.0', id: 1, ...answer })
      await vi.waitFor(() => expect(stream.ended).toBe(true))

      expect(answerOf(stream)).toMatch(/^-32603: /)
    },
  )

  it.each([
    [{}, FORM, -32_601],
    [{ elicitation: true }, FORM, -32_601],
    [ALL, { method: 'sampling/createMessage', params: { tools: [] } }, -32_602],
    [ALL, { method: 'elicitation/create', params: { mode: 'url', url: 'https://x.example' } }, -32_602],
    [{ elicitation: { url: {} } }, FORM, -32_602],
    [ALL, { method: 'ping', params: {} }, -32_601],
    [ALL, { method: 'constructor', params: {} }, -32_601],
  ])('hears from the gateway what a client that declared %j does not take', async (capabilities, question, code) => {
    const { session } = await openWorld({}, capabilities)

    const { result } = await session.request('tools/call', { name: 'demo__ask', arguments: question })

    expect(result.content[0].text).toMatch(new RegExp(`^${code}: `))
  })

  it.each([
    [{ sampling: { tools: {} } }, { method: 'sampling/createMessage', params: { tools: [] } }],
    [{ elicitation: { form: {}, url: {} } }, { method: 'elicitation/create', params: { mode: 'url', url: 'https://x.example' } }],
    [{ roots: {} }, { method: 'roots/list', params: undefined }],
  ])('asks a client that declared %j for it', async (capabilities, question) => {
    const { world, session } = await openWorld({}, capabilities)
    const stream = await askedCall(world, session, question)

    expect(stream.events).toMatchObject([{ id: 1, method: question.method }])
    stream.hangUp()
  })

  it('is answered by nobody but the session that was asked', async () => {
    const { world, session } = await openWorld()
    const other = await connect(world.url, ALICE, '2025-11-25', ALL)
    world.demo.setRights('bob', () => true)
    const bob = await connect(world.url, BOB, '2025-11-25', ALL)
    const stream = await askedCall(world, session)

    for (const stranger of [other, bob]) await stranger.post({ jsonrpc: '2.0', id: 1, result: { stolen: true } })
    await session.post({ jsonrpc: '2.0', id: '1', result: { stolen: true } })
    await session.post({ jsonrpc: '2.0', id: 1, result: { own: true } })
    await session.post({ jsonrpc: '2.0', id: 1, result: { late: true } })
    await vi.waitFor(() => expect(stream.ended).toBe(true))

    expect(answerOf(stream)).toBe('{"own":true}')
  })

  it('has its question taken back when the client takes back the call', async () => {
    const { world, session } = await openWorld()
    const stream = await askedCall(world, session)

    await session.post({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'call-1' } })
    await vi.waitFor(() => expect(stream.ended).toBe(true))

    expect(stream.events).toMatchObject([{ id: 1 }, { method: 'notifications/cancelled', params: { requestId: 1 } }])
  })

  it('has its question taken back when the call ends without the answer, and may ask no more', async () => {
    const { world, session } = await openWorld()
    const held = session.post({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'demo__wait' } })
    await vi.waitFor(() => expect(world.demo.waiting).toHaveLength(1))
    const { visit, finish } = world.demo.waiting[0]!
    const asked = visit.ask!(FORM.method, FORM.params, visit.signal)

    finish(text('done'))

    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    expect((await held).events).toMatchObject([
      { id: 1, ...FORM },
      { method: 'notifications/cancelled', params: { requestId: 1 } },
      { id: 5, result: {} },
    ])
    await expect(visit.ask!(FORM.method, FORM.params, visit.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('may take its question back, and leaves nothing behind at its signal', async () => {
    const { world, session } = await openWorld()
    const held = session.post({ jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'demo__wait' } })
    await vi.waitFor(() => expect(world.demo.waiting).toHaveLength(1))
    const { visit, finish } = world.demo.waiting[0]!
    const stop = new AbortController()
    const removed = vi.spyOn(stop.signal, 'removeEventListener')

    const asked = visit.ask!(FORM.method, FORM.params, stop.signal)
    await Promise.resolve()
    stop.abort()

    await expect(asked).rejects.toMatchObject({ code: 'cancelled' })
    expect(removed).toHaveBeenCalledOnce()
    finish(text('done'))
    expect((await held).events).toMatchObject([{ id: 1 }, { method: 'notifications/cancelled' }, { id: 5 }])
    await expect(visit.ask!(FORM.method, FORM.params, stop.signal)).rejects.toMatchObject({ code: 'cancelled' })
  })

  it('is not kept waiting for ever', async () => {
    const clock = stoppedClock()
    const { world, session } = await openWorld({ nowMs: clock.nowMs, limits: { answerMs: 20_000 } })
    const stream = await askedCall(world, session)

    clock.advance(19_999)
    world.server.tick()
    clock.advance(1)
    world.server.tick()
    await vi.waitFor(() => expect(stream.ended).toBe(true))

    expect(answerOf(stream)).toMatch(/^timeout: /)
  })

  it('finds a bound to how much one client is asked', async () => {
    const { world, session } = await openWorld({ limits: { maxQuestionsPerSession: 1 } })
    const stream = await askedCall(world, session)

    const { result } = await session.request('tools/call', { name: 'demo__ask', arguments: FORM })

    expect(result.content[0].text).toMatch(/^busy: /)
    stream.hangUp()
  })

  it('hears at once that a client has hung up before there was a stream', async () => {
    const { world, session } = await openWorld()
    const body = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'demo__wait' } }
    const { hangUp } = sendAndHangUp(world.url, ALICE, body, { 'mcp-session-id': session.id })
    await vi.waitFor(() => expect(world.demo.waiting).toHaveLength(1))
    const { visit, finish } = world.demo.waiting[0]!
    hangUp()
    await vi.waitFor(async () => expect(await world.connections()).toBe(0))

    await expect(visit.ask!(FORM.method, FORM.params, visit.signal)).rejects.toMatchObject({ code: 'unavailable' })

    finish(text('done'))
  })

  it('hears when the session ends or the gateway stops', async () => {
    const { world, session } = await openWorld()
    const other = await connect(world.url, ALICE, '2025-11-25', ALL)
    const streams = [await askedCall(world, session), await askedCall(world, other)]

    await session.end()
    await world.server.close(0)

    await vi.waitFor(() => expect(streams.every(({ ended }) => ended)).toBe(true))
    await vi.waitFor(() => expect(world.demo.records.filter((record) => record === 'demo__ask ok')).toHaveLength(2))
  })
})

describe('A server that asks or tells a client outside any call', () => {
  it('is heard on the standing stream', async () => {
    const { world, session } = await openWorld()
    const { notify, ask } = (await clientOf(world, session)).standing!
    const stream = await session.listen()

    const heard = notify('notifications/resources/updated', { uri: 'test://a', 'x-kept': 1 })
    const roots = ask('roots/list', undefined, new AbortController().signal)
    await vi.waitFor(() => expect(stream.events).toHaveLength(2))
    await session.post({ jsonrpc: '2.0', id: 1, result: { roots: [] } })

    expect(heard).toBe(true)
    await expect(roots).resolves.toEqual({ roots: [] })
    expect(stream.events).toEqual([
      { jsonrpc: '2.0', method: 'notifications/resources/updated', params: { uri: 'test://a', 'x-kept': 1 } },
      { jsonrpc: '2.0', id: 1, method: 'roots/list' },
    ])
    stream.hangUp()
  })

  it('is heard by a client that listens a little later', async () => {
    const clock = stoppedClock()
    const { world, session } = await openWorld({ nowMs: clock.nowMs })
    const { standing } = await clientOf(world, session)
    const roots = standing!.ask('roots/list', {}, new AbortController().signal)
    standing!.notify('notifications/resources/updated', { uri: 'test://a' })
    clock.advance(14_999)
    world.server.tick()

    const stream = await session.listen()
    await vi.waitFor(() => expect(stream.events).toHaveLength(2))
    clock.advance(60_000)
    world.server.tick()
    await session.post({ jsonrpc: '2.0', id: 1, result: { roots: [] } })

    await expect(roots).resolves.toEqual({ roots: [] })
    stream.hangUp()
  })

  it('tells of no resource that the client may not read any more, neither now nor when it listens again', async () => {
    const { world, session } = await openWorld()
    const { notify } = (await clientOf(world, session)).standing!
    const update = (uri: string): boolean => notify('notifications/resources/updated', { uri })
    update('test://a')
    world.demo.setRights('alice', (right) => right !== 'resource:demo__test://a')

    const stream = await session.listen()
    const heard = ['test://a', 'test://gone'].map(update)
    await vi.waitFor(() => expect(stream.events).toContainEqual(expect.objectContaining({ params: { uri: 'test://gone' } })))

    expect(heard).toEqual([false, true])
    expect(stream.text).not.toContain('test://a"')
    stream.hangUp()
  })

  it('cuts off a client that does not read, says so in the log, and tells it the rest when it comes back', async () => {
    const { world, session } = await openWorld({ limits: { streamBufferBytes: 65_536 } })
    const { standing } = await clientOf(world, session)
    const stream = await session.listen()
    stream.response.pause()

    // More than the buffers of both sockets hold, so that some of it has to wait here.
    for (let sent = 0; sent < 300 && world.server.streams > 0; sent += 1) {
      standing!.notify('notifications/x', { sent, filler: 'x'.repeat(65_536) })
      await nextTurn()
    }
    await vi.waitFor(() => expect(world.server.streams).toBe(0))
    standing!.notify('notifications/x', { last: true })
    const again = await session.listen()

    expect(world.lines.filter(({ event }) => event === 'mcp.slow_reader_cut_off')).toHaveLength(1)
    await vi.waitFor(() => expect(again.events.at(-1)).toMatchObject({ params: { last: true } }))
    again.hangUp()
  })

  it('asks a client in a call no more when it does not read what it is sent', async () => {
    const { world, session } = await openWorld({ limits: { streamBufferBytes: 65_536 } })
    const body = { jsonrpc: '2.0', id: 5, method: 'tools/call', params: { name: 'demo__wait' } }
    const pending = send(world.url, ALICE, { body, headers: { 'mcp-session-id': session.id } })
    await vi.waitFor(() => expect(world.demo.waiting).toHaveLength(1))
    const { visit, finish } = world.demo.waiting[0]!
    for (let sent = 0; sent < 300; sent += 1) visit.notify!('notifications/x', { filler: 'x'.repeat(65_536) })

    await expect(visit.ask!(FORM.method, FORM.params, visit.signal)).rejects.toMatchObject({ code: 'unavailable' })

    finish(text('done'))
    const stream = new Listener(await pending)
    await vi.waitFor(() => expect(stream.events.at(-1)).toMatchObject({ id: 5, result: {} }))
  })

  it('hears that nobody listens', async () => {
    const clock = stoppedClock()
    const { world, session } = await openWorld({ nowMs: clock.nowMs })
    const { standing } = await clientOf(world, session)
    const roots = standing!.ask('roots/list', {}, new AbortController().signal)

    clock.advance(15_000)
    world.server.tick()

    await expect(roots).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('tells nothing to a session that has ended, nor log messages that the client does not want', async () => {
    const { world, session } = await openWorld()
    const { standing } = await clientOf(world, session)
    await session.request('logging/setLevel', { level: 'error' })

    expect(standing!.notify('notifications/message', { level: 'info', data: 'x' })).toBe(false)
    expect(standing!.notify('notifications/message', { level: 'error', data: 'x' })).toBe(true)
    await session.end()
    expect(standing!.notify('notifications/message', { level: 'error', data: 'x' })).toBe(false)
    await expect(standing!.ask('roots/list', {}, new AbortController().signal)).rejects.toMatchObject({ code: 'unavailable' })
  })

  it('knows one client for all calls of a session, and what it said of itself', async () => {
    const { world, session } = await openWorld()

    const [first, second] = [await clientOf(world, session), await clientOf(world, session)]
    const other = await clientOf(world, await connect(world.url, ALICE))

    expect(first).toBe(second)
    expect(first).not.toBe(other)
    expect(first).toMatchObject({ capabilities: ALL, info: { name: 'test', version: '1' }, logLevel: undefined })
  })
})

describe('Calls that ask and report', () => {
  it('leave nothing behind', async () => {
    const clock = stoppedClock()
    const { world, session } = await openWorld({ nowMs: clock.nowMs })
    const signals = new Set<AbortSignal>()
    for (let call = 1; call <= 100; call += 1) {
      const held = session.post({ jsonrpc: '2.0', id: call, method: 'tools/call', params: { name: 'demo__wait' } })
      await vi.waitFor(() => expect(world.demo.waiting).toHaveLength(call), { interval: 1 })
      const { visit, finish } = world.demo.waiting[call - 1]!
      signals.add(visit.signal)
      visit.notify!('notifications/message', { level: 'info', data: call })
      const asked = visit.ask!(FORM.method, FORM.params, visit.signal)
      await session.post({ jsonrpc: '2.0', id: call, result: {} })
      await asked
      finish(text('done'))
      await held
    }

    const { server } = world
    expect(server.keptEvents).toBe(300)
    clock.advance(60_000)
    server.tick()

    expect([server.requestsInFlight, server.questions, server.keptEvents]).toEqual([0, 0, 0])
    // One is the waiting tool's own.
    expect([...signals].every((signal) => getEventListeners(signal, 'abort').length === 1)).toBe(true)
  })
})

describe('Roots that changed', () => {
  it.each([
    [ALL, 1],
    [{}, 0],
  ])('are told to the house by a client that declared %j', async (capabilities, times) => {
    const { world, session } = await openWorld({}, capabilities)
    const told: string[] = []
    world.gatehouse.events.subscribe('roots_changed', ({ sessionKey }) => told.push(sessionKey))

    await session.post({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' })

    expect(told).toHaveLength(times)
  })

  it('again and again are told once in a while, the last change too', async () => {
    const clock = stoppedClock()
    const { world, session } = await openWorld({ nowMs: clock.nowMs })
    const told: string[] = []
    world.gatehouse.events.subscribe('roots_changed', ({ sessionKey }) => told.push(sessionKey))

    for (let change = 0; change < 5; change += 1)
      await session.post({ jsonrpc: '2.0', method: 'notifications/roots/list_changed' })
    expect(told).toHaveLength(1)
    clock.advance(1_000)
    world.server.tick()
    world.server.tick()

    expect(told).toHaveLength(2)
  })
})
