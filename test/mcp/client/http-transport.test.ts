import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClientError } from '../../../src/mcp/client/client-error.ts'
import { connect } from '../../../src/mcp/client/connect.ts'
import type { Connection } from '../../../src/mcp/client/connection.ts'
import { createHttpAgent } from '../../../src/mcp/client/http-agent.ts'
import { createHttpTransport } from '../../../src/mcp/client/http-transport.ts'
import type { RequestOptions } from '../../../src/mcp/client/request-options.ts'
import { createTimerWheel } from '../../../src/mcp/client/timer-wheel.ts'
import { type HttpUpstream, startHttpUpstream } from '../../fixture/upstream/http-upstream.ts'
import { callText } from './open-odd.ts'

const agent = createHttpAgent()
const wheel = createTimerWheel({ tickMs: 10 })
const notifications: string[] = []
const connections: Connection[] = []
let upstream: HttpUpstream
let stales = 0

const open = async (url = upstream.url, headers: Record<string, string> = {}): Promise<Connection> => {
  const connection = await connect({
    dial: () => createHttpTransport({ url: new URL(url), headers, agent, maxMessageBytes: 1_000_000, listen: true }),
    wires: ['http'],
    era: 'session',
    wheel,
    clientInfo: { name: 'test', version: '0' },
    timeoutMs: 5_000,
    listener: {
      notification: (method) => notifications.push(method),
      ignored() {},
      stale: () => {
        stales += 1
      },
      closed() {},
    },
  })
  connections.push(connection)
  return connection
}
const call = (connection: Connection, name: string, options: Partial<RequestOptions> = {}): Promise<unknown> =>
  connection.request('tools/call', { name, arguments: {} }, { idleTimeoutMs: 5_000, ...options })
const failure = (work: Promise<unknown>): Promise<ClientError> =>
  work.then(
    () => expect.fail('It should have failed.'),
    (thrown) => thrown as ClientError,
  )
beforeEach(async () => {
  upstream = await startHttpUpstream()
  notifications.length = 0
  stales = 0
})
afterEach(async () => {
  for (const connection of connections.splice(0)) await connection.close()
  await upstream.stop()
})

describe('a connection over Streamable HTTP', () => {
  it.each(['json', 'sse'] as const)('calls a server that answers with %s', async (answers) => {
    upstream.behaviour.answers = answers
    const connection = await open()

    expect(await callText(connection, 'echo', { text: 'größe ✓' })).toBe('größe ✓')
    expect(await Promise.all(['a', 'b', 'c'].map((text) => callText(connection, 'echo', { text })))).toEqual(['a', 'b', 'c'])
  })

  it('keeps its sockets instead of opening one for each call', async () => {
    const connection = await open()
    const socketsSince = (from: number): number => new Set(upstream.requests.slice(from).map(({ socket }) => socket)).size

    for (let index = 0; index < 50; index += 1) await callText(connection, 'echo', { text: 'one by one' })
    const oneByOne = socketsSince(0)
    const before = upstream.requests.length
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 10 }, () => callText(connection, 'echo', { text: 'at once' })))

    // A few more than needed: one that is just being given back is not taken yet.
    expect(oneByOne).toBeLessThan(10)
    expect(socketsSince(before)).toBeLessThan(30)
  })

  it('sends session, revision and its own headers with everything after initialize', async () => {
    const connection = await open(upstream.url, { authorization: 'Bearer abc' })

    const headers = JSON.parse(await callText(connection, 'headers'))

    expect(headers).toMatchObject({
      authorization: 'Bearer abc',
      'mcp-session-id': 'session-1',
      'mcp-protocol-version': '2025-11-25',
    })
    expect(upstream.requests[0]!.headers).not.toHaveProperty('mcp-session-id')
    expect(connection.stateful).toBe(true)
  })

  it('hands on notifications that precede the result, to the request that they belong to', async () => {
    const connection = await open()
    const heard: string[] = []

    const result = await call(connection, 'noisy', {
      wantProgress: true,
      onProgress: () => heard.push('progress'),
      onNotification: (method) => heard.push(method),
    })

    expect(heard).toEqual(['notifications/message', 'progress'])
    expect(result).toMatchObject({ content: [{ text: 'after the noise' }] })
    expect(notifications).toEqual([])
  })

  it('listens to what the server says unasked, and again after the stream broke', async () => {
    await open()
    await vi.waitFor(() => expect(upstream.openStreams).toBe(1))
    upstream.push('notifications/tools/list_changed')
    await vi.waitFor(() => expect(notifications).toEqual(['notifications/tools/list_changed']))

    await upstream.stop()
    await upstream.start()

    await vi.waitFor(() => expect(upstream.openStreams).toBe(1), { timeout: 5_000 })
  })

  it('does without a stream where none is offered', async () => {
    upstream.behaviour.stream = false
    const connection = await open()

    expect(await callText(connection, 'echo', { text: 'a' })).toBe('a')
    expect(upstream.requests.filter(({ method }) => method === 'GET')).toHaveLength(1)
  })

  it.each([404, 400] as const)('knows a forgotten session by status %i, and that nothing was done', async (status) => {
    upstream.behaviour.sessions = status
    const connection = await open()
    upstream.sessions.clear()

    expect(await failure(call(connection, 'echo'))).toMatchObject({ kind: 'stale', sent: false })
    expect(stales).toBe(1)
  })

  it('tells an error answer from a refusal at the door', async () => {
    const connection = await open()

    expect(await failure(call(connection, 'refused'))).toMatchObject({ name: 'RpcError', code: -32602, message: 'No.' })
    expect(await failure(call(connection, 'busy'))).toMatchObject({ kind: 'busy', retryAfterMs: 3_000, sent: false })
    expect(await failure(call(connection, 'broken'))).toMatchObject({ kind: 'lost', sent: true })
  })

  it('fails a request whose answer is no answer, and only that one', async () => {
    const connection = await open()

    for (const name of ['not_json', 'wrong_id', 'silent_end'])
      expect(await failure(call(connection, name))).toMatchObject({ kind: 'broken' })
    expect(await failure(call(connection, 'cut'))).toMatchObject({ kind: 'lost', sent: true })
    expect(await callText(connection, 'echo', { text: 'still here' })).toBe('still here')
  })

  it('aborts an answer over the cap', async () => {
    const connection = await open()
    const big = (bytes: number): Promise<string> => callText(connection, 'big', { bytes })

    expect(await failure(big(2_000_000))).toMatchObject({ kind: 'too_large' })
    upstream.behaviour.answers = 'sse'
    expect(await failure(big(2_000_000))).toMatchObject({ kind: 'too_large' })
    expect(await big(900_000)).toHaveLength(900_000)
  })

  it('polls a server that has nothing to say only so often', async () => {
    const connection = await open()

    expect(await failure(call(connection, 'spins', { idleTimeoutMs: 500 }))).toMatchObject({ kind: 'timeout' })

    const polls = upstream.requests.filter(({ headers }) => headers['last-event-id'] === 'spin-1')
    expect(polls.length).toBeGreaterThan(0)
    expect(polls.length).toBeLessThan(15)
  })

  it('gives up, closes the stream and tells the server', async () => {
    const connection = await open()
    const stop = new AbortController()

    expect(await failure(call(connection, 'never', { idleTimeoutMs: 50 }))).toMatchObject({ kind: 'timeout' })
    const cancelled = failure(call(connection, 'never', { signal: stop.signal }))
    stop.abort()

    expect(await cancelled).toMatchObject({ kind: 'cancelled' })
    const notices = (): number => upstream.requests.filter(({ rpcMethod }) => rpcMethod === 'notifications/cancelled').length
    await vi.waitFor(() => expect(notices()).toBe(2))
  })

  it('resumes an answer whose stream the server closed early', async () => {
    const connection = await open()

    expect(await call(connection, 'polled')).toMatchObject({ content: [{ text: 'resumed' }] })
  })

  it('says where nothing listens, and where it is not MCP', async () => {
    const { url } = upstream
    await upstream.stop()
    expect(await failure(open(url))).toMatchObject({
      kind: 'unreachable',
      sent: false,
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await upstream.start()

    expect(await failure(open(url, { 'bad header': 'x' }))).toMatchObject({ kind: 'unreachable', sent: false })
  })

  it('ends its session when it closes', async () => {
    const connection = await open()
    expect(upstream.sessions.size).toBe(1)

    await connection.close()

    expect(upstream.sessions.size).toBe(0)
    expect(upstream.requests.at(-1)).toMatchObject({ method: 'DELETE' })
  })

  it('leaves no listener on a long-lived signal', async () => {
    const connection = await open()
    const { signal } = new AbortController()
    const added = vi.spyOn(signal, 'addEventListener')
    const removed = vi.spyOn(signal, 'removeEventListener')

    for (let round = 0; round < 50; round += 1) await call(connection, 'count', { signal })

    expect(added).toHaveBeenCalledTimes(50)
    expect(removed).toHaveBeenCalledTimes(50)
  })
})
