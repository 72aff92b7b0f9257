import { describe, expect, it, vi } from 'vitest'
import { connect, Listener, type RawSession, send } from './client.ts'
import { stoppedClock } from './clock.ts'
import { text } from './demo-module.ts'
import { type ServerWorld, serveWorld } from './world.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'

/** A call whose stream is open, and what the tool may still do. */
async function openCall({ url, demo }: ServerWorld, session: RawSession, id: number | string = 1) {
  const params = { name: 'demo__wait', _meta: { progressToken: 'p' } }
  const body = { jsonrpc: '2.0', id, method: 'tools/call', params }
  const before = demo.waiting.length
  const response = send(url, ALICE, { body, headers: { 'mcp-session-id': session.id } })
  await vi.waitFor(() => expect(demo.waiting).toHaveLength(before + 1))
  const { visit, finish } = demo.waiting[before]!
  const report = (progress: number): void => visit.progress!({ progress })
  report(0)
  return { stream: new Listener(await response), report, finish: (said = 'done') => finish(text(said)) }
}

/** The client's connection breaks, and the server has noticed. */
async function lose({ connections }: ServerWorld, stream: Listener): Promise<void> {
  stream.hangUp()
  await vi.waitFor(async () => expect(await connections()).toBe(0))
}

const progressOf = (stream: Listener): unknown[] =>
  stream.events.map((event) => (event as any).params?.progress ?? (event as any).result.content[0].text) // any: tests look into every shape

describe('A stream of a call', () => {
  it('begins with an event that has an id and no message, and says when to come back', async () => {
    const world = await serveWorld()
    const call = await openCall(world, await connect(world.url, ALICE))

    await vi.waitFor(() => expect(call.stream.events).toHaveLength(1))

    expect(call.stream.text).toMatch(/^id: c1-0\.WzFd\nretry: 1000\ndata:\n\nid: c1-1\.WzFd\nevent: message\ndata: \{/)
    call.finish()
  })

  it.each(['2024-11-05', '2025-03-26', '2025-06-18'])('begins with a message for clients of %s', async (revision) => {
    const world = await serveWorld()
    const call = await openCall(world, await connect(world.url, ALICE, revision))

    await vi.waitFor(() => expect(call.stream.events).toHaveLength(1))

    expect(call.stream.text).toMatch(/^id: c1-1\.WzFd\nevent: message\n/)
    call.finish()
  })

  it('goes on where its client lost it, with what it missed and what is to come', async () => {
    const world = await serveWorld()
    const session = await connect(world.url, ALICE)
    const call = await openCall(world, session)
    await lose(world, call.stream)
    call.report(1)
    call.report(2)

    const again = await session.listen({ 'last-event-id': 'c1-1' })
    await vi.waitFor(() => expect(progressOf(again)).toEqual([1, 2]))
    call.report(3)
    call.finish()
    await vi.waitFor(() => expect(again.ended).toBe(true))

    expect(progressOf(again)).toEqual([1, 2, 3, 'done'])
    expect(again.text).toMatch(/^id: c1-1\.WzFd\nretry: 1000\ndata:\n\n/)
  })

  it('is told to its end when the call has ended meanwhile, from wherever it is asked for', async () => {
    const world = await serveWorld()
    const session = await connect(world.url, ALICE)
    const call = await openCall(world, session)
    await lose(world, call.stream)
    call.report(1)
    call.finish()
    await vi.waitFor(() => expect(world.server.requestsInFlight).toBe(0))

    for (const [after, rest] of [[0, 1, 'done'], [1, 'done'], ['done']].entries()) {
      const again = await session.listen({ 'last-event-id': `c1-${after}` })
      await vi.waitFor(() => expect(again.ended).toBe(true))
      expect(progressOf(again)).toEqual(rest)
    }
  })

  it('brings nothing of another call or of the standing stream', async () => {
    const world = await serveWorld()
    const session = await connect(world.url, ALICE)
    const [one, two] = [await openCall(world, session, 1), await openCall(world, session, 2)]
    const standing = await session.listen()
    world.demo.setTools(['wait'])
    await vi.waitFor(() => expect(standing.events).toHaveLength(1))
    one.finish('one')
    two.finish('two')
    await vi.waitFor(() => expect(world.server.requestsInFlight).toBe(0))

    const again = await session.listen({ 'last-event-id': 'c1-0' })
    await vi.waitFor(() => expect(again.ended).toBe(true))

    expect(progressOf(again)).toEqual([0, 'one'])
    standing.hangUp()
  })

  it('takes a question to the client again', async () => {
    const world = await serveWorld()
    const session = await connect(world.url, ALICE, '2025-11-25', { roots: {} })
    const call = await openCall(world, session)
    await lose(world, call.stream)
    const { visit } = world.demo.waiting[0]!
    const roots = visit.ask!('roots/list', {}, visit.signal)

    const again = await session.listen({ 'last-event-id': 'c1-1' })
    await vi.waitFor(() => expect(again.events).toMatchObject([{ id: 1, method: 'roots/list' }]))
    await session.post({ jsonrpc: '2.0', id: 1, result: { roots: [] } })

    await expect(roots).resolves.toEqual({ roots: [] })
    call.finish()
  })

  it('is waited for a little while when there is a question', async () => {
    const clock = stoppedClock()
    const world = await serveWorld({ nowMs: clock.nowMs })
    const session = await connect(world.url, ALICE, '2025-11-25', { roots: {} })
    const call = await openCall(world, session)
    await lose(world, call.stream)
    const { visit } = world.demo.waiting[0]!
    const roots = visit.ask!('roots/list', {}, visit.signal)

    clock.advance(15_000)
    world.server.tick()

    await expect(roots).rejects.toMatchObject({ code: 'unavailable' })
    call.finish()
  })

  it('tells that a result was lost that is too large to be kept', async () => {
    const world = await serveWorld({ limits: { replayBytesPerSession: 2_048 } })
    const session = await connect(world.url, ALICE)
    const call = await openCall(world, session, 'big')
    await lose(world, call.stream)
    call.finish('x'.repeat(4_096))
    await vi.waitFor(() => expect(world.server.requestsInFlight).toBe(0))

    const again = await session.listen({ 'last-event-id': 'c1-1' })
    await vi.waitFor(() => expect(again.ended).toBe(true))

    expect(again.events).toMatchObject([{ id: 'big', error: { code: -32_603 } }])
  })

  it.each([
    ['of one session', { replayBytesPerSession: 2_048 }],
    ['of all', { replayBytes: 2_048 }],
  ])('is kept within the bound %s, the newest of it', async (_whose, limits) => {
    const world = await serveWorld({ limits })
    const session = await connect(world.url, ALICE)
    const call = await openCall(world, session)
    for (let sent = 1; sent <= 100; sent += 1) call.report(sent)
    call.finish()
    await vi.waitFor(() => expect(call.stream.ended).toBe(true))

    const again = await session.listen({ 'last-event-id': 'c1-0' })
    await vi.waitFor(() => expect(again.ended).toBe(true))

    const got = progressOf(again)
    expect(got.length).toBeGreaterThan(2)
    expect(got.length).toBeLessThan(20)
    expect(got.slice(-2)).toEqual([100, 'done'])
  })

  it('is forgotten after a while, and with its session', async () => {
    const clock = stoppedClock()
    const world = await serveWorld({ nowMs: clock.nowMs })
    const [session, other] = [await connect(world.url, ALICE), await connect(world.url, ALICE)]
    for (const each of [session, other]) {
      const call = await openCall(world, each)
      call.finish()
      await vi.waitFor(() => expect(call.stream.ended).toBe(true))
    }
    await other.end()
    clock.advance(59_999)
    world.server.tick()
    const inTime = await session.listen({ 'last-event-id': 'c1-0' })
    clock.advance(1)
    world.server.tick()
    const late = await session.listen({ 'last-event-id': 'c1-0' })

    expect(inTime.response.statusCode).toBe(200)
    expect(late.response.statusCode).toBe(400)
    expect(world.server.keptEvents).toBe(0)
  })

  it('that is forgotten says so to whoever waits for it, and names the request', async () => {
    const clock = stoppedClock()
    const world = await serveWorld({ nowMs: clock.nowMs })
    const session = await connect(world.url, ALICE)
    const call = await openCall(world, session, '7')
    call.finish()
    await vi.waitFor(() => expect(call.stream.ended).toBe(true))
    clock.advance(60_000)
    world.server.tick()

    const [first] = /c1-1\.\S+/.exec(call.stream.text)!
    const late = await session.listen({ 'last-event-id': first })
    await vi.waitFor(() => expect(late.ended).toBe(true))

    expect(late.events).toMatchObject([{ id: '7', error: { code: 5030 } }])
  })

  it.each([
    'c1-0',
    'c2-0',
    's9-0',
    'nonsense',
    '1-1',
    'c1',
    'c1--1',
    'c1-1.WzFd',
    'c1-1.',
    '__proto__-1',
    `c${'9'.repeat(30)}-1`,
  ])('that was never sent cannot be taken up: %s', async (id) => {
    const world = await serveWorld()
    const session = await connect(world.url, ALICE)

    const { response } = await session.listen({ 'last-event-id': id })

    expect(response.statusCode).toBe(400)
  })

  it('of one session is nothing to another', async () => {
    const world = await serveWorld()
    const call = await openCall(world, await connect(world.url, ALICE))
    world.demo.setRights('bob', () => true)
    const [alice, bob] = [await connect(world.url, ALICE), await connect(world.url, BOB)]

    for (const other of [alice, bob]) expect((await other.listen({ 'last-event-id': 'c1-0' })).response.statusCode).toBe(400)

    call.finish()
  })
})

describe('The standing stream', () => {
  it('goes on where its client lost it', async () => {
    const world = await serveWorld()
    const session = await connect(world.url, ALICE)
    const stream = await session.listen()
    for (const name of ['one', 'two']) {
      const before = stream.events.length
      world.demo.setTools([name])
      await vi.waitFor(() => expect(stream.events).toHaveLength(before + 1))
    }
    await lose(world, stream)

    const again = await session.listen({ 'last-event-id': 's1-1' })
    await vi.waitFor(() => expect(again.events).toHaveLength(1))
    world.demo.setTools(['three'])
    await vi.waitFor(() => expect(again.events).toHaveLength(2))

    expect(again.text.match(/^id: .*$/gm)).toEqual(['id: s1-1', 'id: s1-2', 'id: s1-3'])
    expect(world.server.streams).toBe(1)
    again.hangUp()
  })

  it('is opened anew when nothing of it is kept any more', async () => {
    const clock = stoppedClock()
    const world = await serveWorld({ nowMs: clock.nowMs })
    const session = await connect(world.url, ALICE)
    const stream = await session.listen()
    world.demo.setTools(['one'])
    await vi.waitFor(() => expect(stream.events).toHaveLength(1))
    await lose(world, stream)
    clock.advance(600_000)
    world.server.tick()

    const again = await session.listen({ 'last-event-id': 's1-0' })

    expect(again.response.statusCode).toBe(200)
    expect(again.events).toEqual([])
    again.hangUp()
  })
})
