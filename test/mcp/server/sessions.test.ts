import { describe, expect, it, vi } from 'vitest'
import { ask, connect, hello } from './client.ts'
import { stoppedClock } from './clock.ts'
import { serveWorld } from './world.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }
const REVISIONS = ['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25']

describe('A session', () => {
  it.each(REVISIONS)('speaks the revision %s when the client does', async (revision) => {
    const { url } = await serveWorld()

    const answer = await ask(url, ALICE, { body: hello(revision) })

    expect(answer.json.result).toMatchObject({
      protocolVersion: revision,
      capabilities: { tools: { listChanged: true }, logging: {} },
      serverInfo: { name: 'gatehouse' },
    })
    expect(answer.headers['mcp-session-id']).toMatch(/^[\w-]{43}$/)
  })

  it('offers the newest revision to a client of an unknown one', async () => {
    const { url } = await serveWorld()

    const answer = await ask(url, ALICE, { body: hello('2031-01-01') })

    expect(answer.json.result.protocolVersion).toBe('2025-11-25')
  })

  it.each([
    [{}],
    [{ protocolVersion: 7, capabilities: {}, clientInfo: { name: 'a', version: '1' } }],
    [{ protocolVersion: '2025-11-25', capabilities: [], clientInfo: { name: 'a', version: '1' } }],
    [{ protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a' } }],
    [{ protocolVersion: '2025-11-25', capabilities: {} }],
  ])('does not begin with the parameters %j', async (params) => {
    const { url, server } = await serveWorld()

    const answer = await ask(url, ALICE, { body: { jsonrpc: '2.0', id: 5, method: 'initialize', params } })

    expect(answer.json).toMatchObject({ id: 5, error: { code: -32_602 } })
    expect(answer.headers['mcp-session-id']).toBeUndefined()
    expect(server.sessions).toBe(0)
  })

  it('is named by every message after the first', async () => {
    const { url } = await serveWorld()

    const answer = await ask(url, ALICE, { body: ping })

    expect(answer.status).toBe(400)
    expect(answer.json.error.code).toBe(-32_600)
  })

  it('that nobody opened answers 404', async () => {
    const { url } = await serveWorld()

    const answer = await ask(url, ALICE, { body: ping, headers: { 'mcp-session-id': 'x'.repeat(43) } })

    expect(answer.status).toBe(404)
  })

  it('of somebody else answers 404, and goes on for its owner', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const theft = await ask(url, BOB, { body: ping, headers: { 'mcp-session-id': session.id } })

    expect(theft.status).toBe(404)
    expect(await session.request('ping')).toMatchObject({ result: {} })
  })

  it('of another address answers 404', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await ask(`${url}/s/demo`, ALICE, { body: ping, headers: { 'mcp-session-id': session.id } })

    expect(answer.status).toBe(404)
  })

  it('answers nothing but ping before notifications/initialized', async () => {
    const { url } = await serveWorld()
    const { headers } = await ask(url, ALICE, { body: hello() })
    const inSession = { 'mcp-session-id': headers['mcp-session-id'] as string }

    const early = await ask(url, ALICE, { body: { jsonrpc: '2.0', id: 'a', method: 'tools/list' }, headers: inSession })
    const pinged = await ask(url, ALICE, { body: ping, headers: inSession })

    expect(early.json).toMatchObject({ id: 'a', error: { code: -32_600 } })
    expect(pinged.json).toEqual({ jsonrpc: '2.0', id: 1, result: {} })
  })

  it('is not initialized twice', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    const again = await session.post(hello())

    expect(again.status).toBe(400)
    expect(again.json.error.code).toBe(-32_600)
  })

  it('begins anew for a client that still sends the id of one that is gone', async () => {
    const { url } = await serveWorld()

    const answer = await ask(url, ALICE, { body: hello(), headers: { 'mcp-session-id': 'gone' } })

    expect(answer.status).toBe(200)
    expect(answer.headers['mcp-session-id']).not.toBe('gone')
  })

  it('refuses a revision header that is not served, and takes any that is', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE, '2025-06-18')

    expect((await session.post(ping, { 'mcp-protocol-version': '1999-01-01' })).status).toBe(400)
    expect((await session.post(ping, { 'mcp-protocol-version': undefined })).status).toBe(200)
    expect((await session.post(ping, { 'mcp-protocol-version': '2025-03-26' })).status).toBe(200)
  })

  it('ends with DELETE, once, and what was kept for it is given up', async () => {
    const { url, server, gatehouse } = await serveWorld()
    const ended: string[] = []
    gatehouse.events.subscribe('session_ended', ({ sessionKey }) => ended.push(sessionKey))
    const session = await connect(url, ALICE)

    expect((await session.end()).status).toBe(204)

    expect((await session.end()).status).toBe(404)
    expect((await session.post(ping)).status).toBe(404)
    expect(server.sessions).toBe(0)
    expect(ended).toEqual([expect.stringMatching(/^user:alice\//)])
  })

  it('cannot be ended by somebody else', async () => {
    const { url, server } = await serveWorld()
    const session = await connect(url, ALICE)

    const answer = await ask(url, BOB, { method: 'DELETE', headers: { 'mcp-session-id': session.id } })

    expect(answer.status).toBe(404)
    expect(server.sessions).toBe(1)
  })

  it('is forgotten when nobody used it for too long', async () => {
    const clock = stoppedClock()
    const { url, server } = await serveWorld({ nowMs: clock.nowMs, limits: { sessionIdleMs: 60_000 } })
    const session = await connect(url, ALICE)

    clock.advance(60_000)
    server.tick()
    expect((await session.post(ping)).status).toBe(200)
    clock.advance(60_001)
    server.tick()

    expect(server.sessions).toBe(0)
    expect((await session.post(ping)).status).toBe(404)
  })

  it('is not forgotten while it waits for a call or listens', async () => {
    const clock = stoppedClock()
    const { url, server, demo } = await serveWorld({ nowMs: clock.nowMs, limits: { sessionIdleMs: 60_000 } })
    const calling = await connect(url, ALICE)
    const listening = await connect(url, ALICE)
    const stream = await listening.listen()
    const call = calling.request('tools/call', { name: 'demo__wait' })
    await vi.waitFor(() => expect(demo.waiting).toHaveLength(1))

    clock.advance(3_600_000)
    server.tick()

    expect(server.sessions).toBe(2)
    demo.waiting[0]!.finish({ kind: 'data', data: {} })
    await call
    stream.hangUp()
  })

  it('is refused to a caller who has too many, without hurting others', async () => {
    const { url } = await serveWorld({ limits: { maxSessionsPerCaller: 2 } })
    const first = await connect(url, ALICE)
    await connect(url, ALICE)

    const third = await ask(url, ALICE, { body: hello() })

    expect(third.status).toBe(429)
    expect(third.headers['retry-after']).toBe('60')
    expect(third.json.error.message).toContain('2 sessions')
    await connect(url, BOB)
    await first.end()
    await connect(url, ALICE)
  })

  it('is refused to everybody when all places are taken', async () => {
    const { url } = await serveWorld({ limits: { maxSessions: 1 } })
    await connect(url, ALICE)

    const answer = await ask(url, BOB, { body: hello() })

    expect(answer.status).toBe(503)
    expect(answer.json.error.code).toBe(5_031)
  })
})
