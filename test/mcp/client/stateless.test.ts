import { getEventListeners, setMaxListeners } from 'node:events'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ClientError } from '../../../src/mcp/client/client-error.ts'
import { RpcError } from '../../../src/mcp/rpc.ts'
import { type Opened, Opener } from './open-scripted.ts'
import { DISCOVERED, type ScriptedServer, startScripted, type Talk } from './scripted-server.ts'

const opener = new Opener()
let server: ScriptedServer

const open = async (calls: Record<string, (talk: Talk) => void> = {}, headers?: Record<string, string>): Promise<Opened> => {
  server = await startScripted((talk) => {
    if (talk.method === 'server/discover') talk.result(DISCOVERED)
    else calls[talk.params['name'] ?? talk.method]?.(talk)
  })
  return opener.http(server.url, { capabilities: { sampling: {} } }, { ...(headers && { headers }) })
}
const call = (opened: Opened, name: string, options: object = {}, params: object = {}): Promise<unknown> =>
  opened.connection.request('tools/call', { name, arguments: {}, ...params }, { idleTimeoutMs: 5_000, ...options })
const failure = (work: Promise<unknown>): Promise<ClientError> =>
  work.then(
    () => expect.fail('It should have failed.'),
    (thrown) => thrown as ClientError,
  )
const last = (): Talk => server.heard.at(-1)!

afterEach(async () => {
  await opener.close()
  expect(opener.wheel.size).toBe(0)
  await server.stop()
})

describe('a request to a server of the stateless era', () => {
  it('says in its body and in its headers what it is, and in whose name it comes', async () => {
    const opened = await open({ greet: (talk) => talk.result({ resultType: 'complete', content: [], extra: { kept: 1 } }) })

    const client = { capabilities: { elicitation: {} }, info: { name: 'agent', version: '7' }, logLevel: 'info' }
    const _meta = { traceparent: '00-1', 'io.modelcontextprotocol/protocolVersion': 'forged' }
    const result = await call(opened, 'greet', { client, wantProgress: true }, { _meta, task: { ttl: 1 } })

    expect(result).toEqual({ resultType: 'complete', content: [], extra: { kept: 1 } })
    expect(last().headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'greet',
      accept: 'application/json, text/event-stream',
    })
    expect(last().params).toMatchObject({ name: 'greet', task: { ttl: 1 } })
    expect(last().params['_meta']).toEqual({
      traceparent: '00-1',
      progressToken: expect.any(Number),
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
      'io.modelcontextprotocol/clientInfo': { name: 'agent', version: '7' },
      'io.modelcontextprotocol/logLevel': 'info',
    })
  })

  it('comes in our own name where nobody else is named', async () => {
    const opened = await open({ greet: (talk) => talk.result({ content: [] }) })

    await call(opened, 'greet', {}, { _meta: { 'io.modelcontextprotocol/logLevel': 'debug' } })

    expect(last().params['_meta']).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': { sampling: {} },
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
    })
  })

  it.each([
    ['tools/call', { name: 'größe' }, '=?base64?Z3LDtsOfZQ==?='],
    ['resources/read', { uri: 'file:///a b' }, 'file:///a b'],
    ['prompts/get', { name: ' edge' }, '=?base64?IGVkZ2U=?='],
    ['tasks/get', { taskId: '=?base64?x?=' }, '=?base64?PT9iYXNlNjQ/eD89?='],
    ['tools/list', { name: 'of nothing' }, undefined],
  ])('%s is named in a header that is safe to send', async (method, params, expected) => {
    const answer = (talk: Talk): void => talk.result({})
    const opened = await open({ [(params as { name?: string }).name ?? method]: answer })

    await opened.connection.request(method, params, { idleTimeoutMs: 5_000 })

    expect(last().headers['mcp-name']).toBe(expected)
  })

  it('carries headers of its own and those of the configuration, but none that the protocol reserves', async () => {
    const opened = await open(
      { greet: (talk) => talk.result({ content: [] }) },
      { authorization: 'Bearer x', 'mcp-param-region': 'forged', 'mcp-session-id': 'forged' },
    )

    await call(opened, 'greet', { headers: { 'mcp-param-size': '3' } })

    expect(last().headers).toMatchObject({ authorization: 'Bearer x', 'mcp-param-size': '3' })
    expect(last().headers).not.toHaveProperty('mcp-param-region')
    expect(last().headers).not.toHaveProperty('mcp-session-id')
  })

  it('hears its progress and its notifications before its result', async () => {
    const opened = await open({
      slow(talk) {
        const stream = talk.stream()
        const { progressToken } = talk.params['_meta']
        stream.send({ method: 'notifications/progress', params: { progressToken, progress: 1 } })
        stream.send({ method: 'notifications/message', params: { level: 'info', data: 'half' } })
        stream.send({ id: talk.id, result: { content: [] } })
        stream.end()
      },
    })
    const heard: unknown[] = []

    await call(opened, 'slow', {
      wantProgress: true,
      onProgress: (params: unknown) => heard.push(params),
      onNotification: (method: string) => heard.push(method),
    })

    expect(heard).toEqual([{ progress: 1 }, 'notifications/message'])
  })

  it('is given up by closing its response, and nothing is said', async () => {
    const opened = await open({})
    const stop = new AbortController()
    const waits = failure(call(opened, 'never', { signal: stop.signal }))
    await vi.waitFor(() => expect(server.openCount).toBe(1))

    stop.abort()

    expect(await waits).toMatchObject({ kind: 'cancelled' })
    await vi.waitFor(() => expect(server.openCount).toBe(0))
    expect(server.heard.map(({ method }) => method)).toEqual(['server/discover', 'tools/call'])
    expect(opened.connection.pendingCount).toBe(0)
  })

  it('that is silent too long is closed as well', async () => {
    const opened = await open({})

    expect(await failure(call(opened, 'never', { idleTimeoutMs: 50 }))).toMatchObject({ kind: 'timeout' })
    await vi.waitFor(() => expect(server.openCount).toBe(0))
  })

  it('whose stream ends early has no result, and is not asked for again', async () => {
    const opened = await open({ cut: (talk) => talk.stream().end(), broken: (talk) => talk.stream().cut() })

    expect(await failure(call(opened, 'cut'))).toMatchObject({ kind: 'broken' })
    expect(await failure(call(opened, 'broken'))).toMatchObject({ kind: 'lost' })
    expect(server.heard).toHaveLength(3)
  })

  it('may be refused with an error under any status', async () => {
    const opened = await open({
      unknown: (talk) => talk.error(404, -32601),
      params: (talk) => talk.error(400, -32602, 'Bad.', { uri: 'x' }),
      plain: (talk) => talk.status(404),
    })

    expect(await failure(call(opened, 'unknown'))).toMatchObject({ code: -32601 })
    expect(await failure(call(opened, 'params'))).toMatchObject({ code: -32602, data: { uri: 'x' } })
    expect(await failure(call(opened, 'plain'))).toMatchObject({ kind: 'refused', status: 404 })
    expect(opened.stales).toBe(0)
  })

  it('that fails for reasons of this hop says so, and keeps the error as its cause', async () => {
    const opened = await open({
      header: (talk) => talk.error(400, -32020, 'Mcp-Param-Region is missing'),
      capability: (talk) => talk.error(400, -32021, 'No.', { requiredCapabilities: { sampling: {} } }),
      revision: (talk) => talk.error(400, -32022, 'No.', { supported: ['2027-01-01'] }),
    })

    const header = await failure(call(opened, 'header'))
    expect(header).toMatchObject({ kind: 'refused', sent: false })
    expect(header.message).toContain('Mcp-Param-Region is missing')
    const capability = await failure(call(opened, 'capability'))
    expect(capability).toMatchObject({ kind: 'refused', cause: expect.any(RpcError) })
    expect(capability.message).toContain('sampling')
    expect(opened.stales).toBe(0)
    expect(await failure(call(opened, 'revision'))).toMatchObject({ kind: 'stale', sent: false })
    await failure(call(opened, 'revision'))
    expect(opened.stales).toBe(1)
  })

  it('may not be asked anything in return', async () => {
    const opened = await open({
      asks(talk) {
        const stream = talk.stream()
        stream.send({ id: 'q', method: 'elicitation/create', params: {} })
        stream.send({ id: talk.id, result: { content: [] } })
        stream.end()
      },
    })
    const onRequest = vi.fn()

    await call(opened, 'asks', { onRequest })

    expect(onRequest).not.toHaveBeenCalled()
    expect(opened.ignored).toEqual(['garbage: elicitation/create from a server that may not ask'])
    expect(server.heard).toHaveLength(2)
  })

  it('gives back what it took from a signal that many use, and from the server', async () => {
    const opened = await open({ greet: (talk) => talk.result({ content: [] }), fails: (talk) => talk.error(400, -32602) })
    const { signal } = new AbortController()

    for (let round = 0; round < 20; round += 1) {
      await call(opened, 'greet', { signal })
      await failure(call(opened, 'fails', { signal }))
      await failure(call(opened, 'never', { signal, idleTimeoutMs: 1 }))
    }

    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(opened.connection.pendingCount).toBe(0)
    await vi.waitFor(() => expect(server.openCount).toBe(0))
  })

  it('gets through however many others are open at the same server', async () => {
    const opened = await open({ greet: (talk) => talk.result({ content: [] }) })
    const stop = new AbortController()
    setMaxListeners(0, stop.signal)
    const others = Array.from({ length: 300 }, () => failure(call(opened, 'never', { signal: stop.signal })))

    expect(await call(opened, 'greet')).toEqual({ content: [] })

    stop.abort()
    await Promise.all(others)
  })

  it('ends with its connection', async () => {
    const opened = await open({})
    const waits = failure(call(opened, 'never'))
    await vi.waitFor(() => expect(server.openCount).toBe(1))

    await opened.connection.close()

    expect(await waits).toMatchObject({ kind: 'lost' })
    expect(await failure(call(opened, 'never'))).toMatchObject({ kind: 'lost', sent: false })
    expect(await opened.closed).toMatchObject({ kind: 'lost' })
    await vi.waitFor(() => expect(server.openCount).toBe(0))
  })
})

describe('a subscription', () => {
  const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'
  const acknowledge = (talk: Talk): ReturnType<Talk['stream']> => {
    const stream = talk.stream()
    const _meta = { 'io.modelcontextprotocol/subscriptionId': talk.id }
    stream.send({ method: ACKNOWLEDGED, params: { _meta, notifications: { toolsListChanged: true } } })
    stream.send({ method: 'notifications/tools/list_changed', params: { _meta } })
    return stream
  }
  const filter = { toolsListChanged: true, resourceSubscriptions: ['file:///a'] }

  it('says what is honoured, hears what is told, and ends where it is closed', async () => {
    const opened = await open({ 'subscriptions/listen': acknowledge })
    const heard: string[] = []

    const subscription = await opened.connection.subscribe(filter, (method) => heard.push(method))

    expect(last().params['notifications']).toEqual(filter)
    expect(subscription.honoured).toEqual({ toolsListChanged: true })
    await vi.waitFor(() => expect(heard).toEqual(['notifications/tools/list_changed']))
    expect(opened.connection.pendingCount).toBe(0)
    subscription.close()
    expect(await subscription.ended).toBeUndefined()
    await vi.waitFor(() => expect(server.openCount).toBe(0))
    expect(opened.notifications).toEqual([])
  })

  it('believes only what is of the right kind of what is honoured', async () => {
    const opened = await open({
      'subscriptions/listen'(talk) {
        const notifications = { toolsListChanged: true, resourceSubscriptions: 7, taskIds: ['a', 1], extra: 1 }
        talk.stream().send({ method: ACKNOWLEDGED, params: { notifications } })
      },
    })

    const subscription = await opened.connection.subscribe(filter, () => {})

    expect(subscription.honoured).toEqual({ toolsListChanged: true, taskIds: ['a'], extra: 1 })
  })

  it('ends well where the server ends it, and with an error where it breaks', async () => {
    const streams: ReturnType<Talk['stream']>[] = []
    const opened = await open({ 'subscriptions/listen': (talk) => void streams.push(acknowledge(talk)) })

    const ends = await opened.connection.subscribe(filter, () => {})
    streams[0]!.send({ id: last().id, result: { resultType: 'complete' } })
    streams[0]!.end()
    const breaks = await opened.connection.subscribe(filter, () => {})
    streams[1]!.cut()

    expect(await ends.ended).toBeUndefined()
    expect(await breaks.ended).toMatchObject({ kind: 'lost' })
    expect(opened.connection.pendingCount).toBe(0)
  })

  it('that is refused, ends at once or is not acknowledged is an error', async () => {
    let answer: (talk: Talk) => void = (talk) => talk.error(404, -32601)
    server = await startScripted((talk) => (talk.method === 'server/discover' ? talk.result(DISCOVERED) : answer(talk)))
    const opened = await opener.http(server.url, { timeoutMs: 300 })
    const subscribe = (): Promise<Error> => failure(opened.connection.subscribe(filter, () => {}))

    expect(await subscribe()).toMatchObject({ code: -32601 })
    answer = (talk) => talk.result({})
    expect(await subscribe()).toMatchObject({ kind: 'broken' })
    answer = (talk) => void talk.stream()
    expect(await subscribe()).toMatchObject({ kind: 'timeout' })
    await vi.waitFor(() => expect(server.openCount).toBe(0))
  })
})
