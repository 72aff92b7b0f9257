import { describe, expect, it, vi } from 'vitest'
import type { SessionBook } from '../../../src/contract/session-book.ts'
import { ask, connect, Listener, type RawSession, send } from './client.ts'
import { openProcesses } from './processes.ts'
import type { ServerWorld } from './world.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }

const post = ({ url }: { readonly url: string }, { id }: RawSession, body: object = ping, token = ALICE) =>
  ask(url, token, { body, headers: { 'mcp-session-id': id } })

/** Begin a call of the tool that waits, and let it report. */
async function calling(world: ServerWorld, body: object, headers: Record<string, string>) {
  const response = send(world.url, ALICE, { body, headers })
  await vi.waitFor(() => expect(world.demo.waiting).toHaveLength(1))
  world.demo.waiting[0]!.visit.progress!({ progress: 0 })
  return response
}

const listen = async ({ url }: ServerWorld, { id }: RawSession, headers: Record<string, string> = {}): Promise<Listener> =>
  new Listener(
    await send(url, ALICE, { method: 'GET', headers: { 'mcp-session-id': id, 'content-type': undefined, ...headers } }),
  )

describe('A session whose process is gone', () => {
  it('goes on in the next one, as it was', async () => {
    const { start, written, rows } = await openProcesses()
    const first = await start()
    const session = await connect(first.url, ALICE, '2025-06-18', { roots: {} })
    await written()
    await session.request('logging/setLevel', { level: 'error' })
    await vi.waitFor(() => expect(rows()[0].content).toContain('error'))
    const next = await start()

    const answer = await post(next, session, { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'demo__chat' } })

    expect(answer.status).toBe(200)
    expect(answer.events.filter(({ method }) => method === 'notifications/message')).toMatchObject([{ params: { data: 'loud' } }])
    expect(answer.events.at(-1)).toMatchObject({ id: 7, result: { content: [{ text: 'said it all' }] } })
    expect(next.demo.visits[0]!.client).toMatchObject({ capabilities: { roots: {} }, info: { name: 'test' } })
    expect(next.demo.visits[0]!.sessionKey).toBe(rows()[0].key)
    expect(next.server.sessions).toBe(1)
  })

  it('is found in the book by a hash, never by its id', async () => {
    const { start, written, rows } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()

    expect(JSON.stringify(rows())).not.toContain(session.id)
  })

  it('is none of another caller, nor of another address', async () => {
    const { start, written } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const next = await start()

    expect((await post(next, session, ping, BOB)).status).toBe(404)
    expect((await post({ url: `${next.url}/s/demo` }, session)).status).toBe(404)
    expect((await post(next, { ...session, id: `${session.id}x` })).status).toBe(404)
    expect(next.server.sessions).toBe(0)
    expect((await post(next, session)).status).toBe(200)
  })

  it('is one, however many requests ask for it at once', async () => {
    const { start, written } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const next = await start()

    const answers = await Promise.all(Array.from({ length: 8 }, () => post(next, session)))

    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200))
    expect(next.server.sessions).toBe(1)
  })

  it('stays over once its client has ended it, before or after', async () => {
    const { start, written, rows } = await openProcesses()
    const first = await start()
    const [before, after] = [await connect(first.url, ALICE), await connect(first.url, ALICE)]
    await written(2)
    await before.end()
    await written(1)
    const next = await start()

    expect((await post(next, before)).status).toBe(404)
    const ended = await ask(next.url, ALICE, {
      method: 'DELETE',
      headers: { 'mcp-session-id': after.id, 'content-type': undefined },
    })
    expect(ended.status).toBe(204)
    // At once, although the book is written a little later.
    expect((await post(next, after)).status).toBe(404)
    await vi.waitFor(() => expect(rows()).toEqual([]))
  })

  it('is over when nobody has used it for long, and goes on when somebody has', async () => {
    const { start, written, clock } = await openProcesses()
    const first = await start({ sessionIdleMs: 10_000 })
    const [idle, used] = [await connect(first.url, ALICE), await connect(first.url, ALICE)]
    await written(2)
    clock.advance(9_000)
    await used.request('ping')
    first.server.tick()
    clock.advance(9_000)
    const next = await start({ sessionIdleMs: 10_000 })

    expect((await post(next, idle)).status).toBe(404)
    expect((await post(next, used)).status).toBe(200)
  })

  it('is kept as it was used last when the process ends in peace', async () => {
    const { start, written, rows, clock } = await openProcesses()
    const first = await start()
    const session = await connect(first.url, ALICE)
    await written()
    clock.advance(1_000)
    await session.request('ping')

    await first.server.close(0)

    expect(rows()[0].seen_at).toBe(clock.nowMs())
  })

  it('takes one of the places of its caller', async () => {
    const { start, written } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const next = await start({ maxSessionsPerCaller: 1 })
    await connect(next.url, ALICE)

    expect((await post(next, session)).status).toBe(429)
  })

  it('can be ended where there is no room for it, by its own client alone', async () => {
    const { start, written, rows } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const next = await start({ maxSessionsPerCaller: 1 })
    await connect(next.url, ALICE)
    const end = async (token: string) => {
      const headers = { 'mcp-session-id': session.id, 'content-type': undefined }
      return (await ask(next.url, token, { method: 'DELETE', headers })).status
    }

    expect(await end(BOB)).toBe(404)
    expect(await end(ALICE)).toBe(204)

    expect(await end(ALICE)).toBe(404)
    await vi.waitFor(() => expect(rows()).toHaveLength(1))
  })

  it('is forgotten with the oldest where the book would hold more than may be open', async () => {
    const { start, written, rows, clock } = await openProcesses()
    const first = await start()
    const sessions: RawSession[] = []
    for (let count = 0; count < 3; count += 1) {
      sessions.push(await connect(first.url, ALICE))
      clock.advance(1)
    }
    await written(3)
    const next = await start({ maxSessions: 2 })

    clock.advance(60_000)
    next.server.tick()

    expect(rows()).toHaveLength(2)
    expect((await post(next, sessions[0]!)).status).toBe(404)
    expect((await post(next, sessions[2]!)).status).toBe(200)
  })

  it('makes room for newer ones of its own caller, and of no other', async () => {
    const { start, written, rows, clock } = await openProcesses()
    const first = await start()
    first.demo.setRights('bob', () => true)
    const bobs = await connect(first.url, BOB)
    clock.advance(1)
    for (let count = 0; count < 3; count += 1) {
      await connect(first.url, ALICE)
      clock.advance(1)
    }
    await written(4)
    const next = await start({ maxSessionsPerCaller: 2 })

    clock.advance(60_000)
    next.server.tick()

    expect(rows()).toHaveLength(3)
    expect((await post(next, bobs, ping, BOB)).status).toBe(200)
  })

  it('is not taken up by a server that ends while it waits for others, which says when to come back', async () => {
    const { start, written } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const next = await start()
    const { asked, done } = next.demo.unsettle()
    const answer = post(next, session)
    await asked

    await next.server.close(0)
    done()

    expect(await answer).toMatchObject({ status: 503, headers: { 'retry-after': '5' }, json: { error: { code: 5030 } } })
    expect(next.server.sessions).toBe(0)
  })

  it('that the store did not take is unknown, and written when the store takes it again', async () => {
    const { start, book, written } = await openProcesses()
    let broken = true
    const write: SessionBook['write'] = (changes) => {
      if (broken) throw new Error('database or disk is full')
      book.write(changes)
    }
    const first = await start({}, { ...book, write })
    const session = await connect(first.url, ALICE)
    await vi.waitFor(() => expect(first.lines.map(({ event }) => event)).toContain('mcp.sessions_not_kept'))
    const next = await start()
    expect((await post(next, session)).status).toBe(404)
    expect(await session.request('ping')).toMatchObject({ result: {} })

    broken = false
    first.server.tick()
    await written()

    expect((await post(next, session)).status).toBe(200)
  })

  it.each(['{"revision":"1999-01-01"}', 'no JSON'])('that was written in another way begins anew (%s)', async (content) => {
    const { start, book, written, rows } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const [{ id_hash, key, caller_id, seen_at }] = rows()
    const kept = { key, callerId: caller_id, userId: 1, tokenId: 1, source: null, seenAt: seen_at }
    book.write({ begun: [], ended: [], changed: [{ ...kept, idHash: id_hash, content }] })

    expect((await post(await start(), session)).status).toBe(404)
  })
})

describe('The standing stream of such a session', () => {
  it('begins anew where its client asks for what came after an event of then', async () => {
    const { start, written } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const next = await start()

    const stream = await listen(next, session, { 'last-event-id': 's1-4' })

    expect(stream.response.statusCode).toBe(200)
    await vi.waitFor(() => expect(stream.text).toMatch(/^id: s\d+-0\nretry: 1000\ndata:\n\n$/))
    expect(stream.text).not.toContain('id: s1-')
    stream.hangUp()
  })

  it.each([['7'], [7], ['\u00fc \n'], [-0.5]])('says of a call that was lost with the process that it was (%j)', async (id) => {
    const { start, written } = await openProcesses()
    const first = await start()
    const session = await connect(first.url, ALICE)
    await written()
    const params = { name: 'demo__wait', _meta: { progressToken: 'p' } }
    const headers = { 'mcp-session-id': session.id }
    const call = new Listener(await calling(first, { jsonrpc: '2.0', id, method: 'tools/call', params }, headers))
    await vi.waitFor(() => expect(call.events).toHaveLength(1))
    const [last] = /c1-1\.\S+/.exec(call.text)!

    // In the process after the next one, too.
    for (const next of [await start(), await start()]) {
      const stream = await listen(next, session, { 'last-event-id': last })
      await vi.waitFor(() => expect(stream.ended).toBe(true))
      expect(stream.events).toMatchObject([{ id, error: { code: 5030 } }])
    }
    call.hangUp()
  })

  it('says it of each call of an array, and of none whose ids are too long to be named', async () => {
    const { start, written } = await openProcesses()
    const first = await start()
    const session = await connect(first.url, ALICE, '2025-03-26')
    await written()
    const headers = { 'mcp-session-id': session.id }
    const lastOf = async (ids: readonly string[]): Promise<string> => {
      const before = first.demo.waiting.length
      const body = ids.map((id) => ({
        ...{ jsonrpc: '2.0', id, method: 'tools/call' },
        params: { name: 'demo__wait', _meta: { progressToken: id } },
      }))
      const response = send(first.url, ALICE, { body, headers })
      await vi.waitFor(() => expect(first.demo.waiting).toHaveLength(before + ids.length))
      first.demo.waiting[before]!.visit.progress!({ progress: 0 })
      const call = new Listener(await response)
      await vi.waitFor(() => expect(call.events).toHaveLength(1))
      call.hangUp()
      return /^id: (.*)$/m.exec(call.text)![1]!
    }
    const [short, long] = [await lastOf(['a', 'b']), await lastOf(['x'.repeat(500)])]
    const next = await start()

    const told = await listen(next, session, { 'last-event-id': short })
    const refused = await listen(next, session, { 'last-event-id': long })

    await vi.waitFor(() => expect(told.events).toMatchObject([{ id: 'a', error: { code: 5030 } }, { id: 'b' }]))
    expect(refused.response.statusCode).toBe(400)
  })

  it('begins anew also where the clock was set back meanwhile', async () => {
    const { start, written, clock } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const before = await listen(await start(), session)
    await vi.waitFor(() => expect(before.text).toContain('id: s'))
    before.hangUp()
    clock.advance(-60_000)

    const [, last] = /^id: (.*)$/m.exec(before.text)!
    const stream = await listen(await start(), session, { 'last-event-id': last! })

    expect(stream.response.statusCode).toBe(200)
    stream.hangUp()
  })

  it('is refused for an event that says nothing of who waits', async () => {
    const { start, written } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const next = await start()

    for (const id of ['c1-0', 'c1-0.bm8', 'c1-0.e30', 'c1-0.W10', 'c1-0.W251bGxd']) {
      const stream = await listen(next, session, { 'last-event-id': id })
      expect(stream.response.statusCode).toBe(400)
      stream.hangUp()
    }
  })

  it('tells what is another than the client knows, and nothing else', async () => {
    const { start, written } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await written()
    const next = await start()
    next.demo.setTools(['other'])

    const stream = await listen(next, session)

    await vi.waitFor(() => expect(stream.events).toMatchObject([{ method: 'notifications/tools/list_changed' }]))
    stream.hangUp()
  })

  it('hears again of what was watched, and of nothing that was not any more', async () => {
    const { start, written, rows } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await session.request('resources/subscribe', { uri: 'test://a' })
    await session.request('resources/subscribe', { uri: 'test://t/1' })
    await session.request('resources/unsubscribe', { uri: 'test://t/1' })
    await written()
    await vi.waitFor(() => expect(rows()[0].content).toContain('"watched":["test://a"]'))
    const next = await start()

    const stream = await listen(next, session)
    await vi.waitFor(() => expect(next.demo.visits).toHaveLength(1))
    const [{ tool, client, arguments: args }] = next.demo.visits as [(typeof next.demo.visits)[0]]

    expect(tool.name).toBe('subscription:resource:demo__test://a')
    expect(args).toEqual({ on: true, uri: 'test://a' })
    client!.standing!.notify('notifications/resources/updated', { uri: 'test://a' })
    await vi.waitFor(() => expect(stream.events).toMatchObject([{ params: { uri: 'test://a' } }]))
    stream.hangUp()
  })

  it('waits with that for a server that is not there yet, and gives up what may not be read any more', async () => {
    const { start, written, rows } = await openProcesses()
    const session = await connect((await start()).url, ALICE)
    await session.request('resources/subscribe', { uri: 'test://a' })
    await vi.waitFor(() => expect(rows()[0]?.content).toContain('test://a'))
    await written()
    const next = await start()
    next.demo.setListed({ prompt: [], resource: [], template: [] })
    const stream = await listen(next, session)
    await vi.waitFor(() => expect(stream.events).not.toEqual([]))
    expect(next.demo.visits).toEqual([])
    // Lists may change all the time: nobody asked for what is not there, so that nothing is recorded or counted against anybody.
    expect(next.demo.records).toEqual([])

    next.demo.setRights('alice', (key) => !key.includes('test://a'))
    next.demo.setListed({ prompt: [], resource: ['test://a'], template: [] })

    await vi.waitFor(() => expect(rows()[0].content).not.toContain('watched'))
    expect(next.demo.visits).toEqual([])
    stream.hangUp()
  })
})
