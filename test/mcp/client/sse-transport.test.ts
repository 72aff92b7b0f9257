import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ClientError } from '../../../src/mcp/client/client-error.ts'
import { Opener } from './open-scripted.ts'
import { INITIALIZED, type ScriptedServer, startScripted, type Talk } from './scripted-server.ts'

const opener = new Opener()
let server: ScriptedServer
let stream: ReturnType<Talk['stream']> | undefined

/** A server of 2024-11-05: all that it says comes on one stream. */
const serve = async (endpoint: string, call: (talk: Talk) => void = () => {}): Promise<string> => {
  server = await startScripted((talk) => {
    if (talk.http === 'GET') {
      stream = talk.stream()
      stream.event('endpoint', endpoint)
    } else if (talk.path !== '/messages?session=1') talk.status(404)
    else if (talk.method === 'initialize') {
      talk.status(202)
      stream!.event('message', JSON.stringify({ jsonrpc: '2.0', id: talk.id, result: INITIALIZED }))
    } else if (talk.method === 'tools/call') call(talk)
    else talk.status(202)
  })
  return server.url
}
const sse = { era: 'session', wires: ['sse'] } as const
const answer = (talk: Talk, result: object): void => {
  talk.status(202)
  stream!.send({ id: talk.id, result })
}
const failure = (work: Promise<unknown>): Promise<ClientError> =>
  work.then(
    () => expect.fail('It should have failed.'),
    (thrown) => thrown as ClientError,
  )

afterEach(async () => {
  await opener.close()
  expect(opener.wheel.size).toBe(0)
  await server.stop()
})

describe('a connection over HTTP+SSE', () => {
  it('is found where nothing speaks Streamable HTTP, and remembered', async () => {
    const url = await serve('/messages?session=1', (talk) => answer(talk, { said: talk.params['arguments'] }))
    const opened = await opener.http(url)

    const result = await opened.connection.request('tools/call', { arguments: { a: 1 } }, { idleTimeoutMs: 5_000 })

    expect(result).toEqual({ said: { a: 1 } })
    expect(opened.connection.verdict).toEqual({ era: 'session', wire: 'sse' })
    expect(opened.connection.stateful).toBe(true)
    expect(opened.attempts.map(({ era, wire }) => `${era} ${wire}`)).toEqual(['stateless http', 'session http', 'session sse'])
    await opener.close()
    const again = await opener.http(url, { known: opened.connection.verdict })
    expect(again.attempts).toEqual([{ era: 'session', wire: 'sse' }])
  })

  it('hears notifications and questions on its stream, and answers them', async () => {
    const url = await serve('messages?session=1')
    const opened = await opener.http(url, { ...sse, listener: { request: async () => ({ roots: [] }) } as never })

    stream!.event('message', JSON.stringify({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }))
    stream!.event('message', JSON.stringify({ jsonrpc: '2.0', id: 9, method: 'roots/list' }))

    await vi.waitFor(() => expect(server.heard.at(-1)!.message).toEqual({ jsonrpc: '2.0', id: 9, result: { roots: [] } }))
    expect(opened.notifications.map(({ method }) => method)).toEqual(['notifications/tools/list_changed'])
  })

  it('never goes to another origin than the one it was given', async () => {
    const other = await startScripted((talk) => talk.status(202))
    try {
      const error = await failure(opener.http(await serve(`${other.url}/messages?session=1`), sse))

      expect(error).toMatchObject({ kind: 'refused' })
      expect(other.heard).toEqual([])
      await vi.waitFor(() => expect(server.openCount).toBe(0))
    } finally {
      await other.stop()
    }
  })

  it('fails a request that is refused, and is stale where its session is forgotten', async () => {
    const statuses = [500, 404]
    const opened = await opener.http(await serve('/messages?session=1', (talk) => talk.status(statuses.shift()!)), sse)
    const ask = (): Promise<ClientError> => failure(opened.connection.request('tools/call', {}, { idleTimeoutMs: 5_000 }))

    expect(await ask()).toMatchObject({ kind: 'lost' })
    expect(opened.stales).toBe(0)
    expect(await ask()).toMatchObject({ kind: 'stale', sent: false })
    expect(opened.stales).toBe(1)
  })

  it('is over with its stream', async () => {
    const opened = await opener.http(await serve('/messages?session=1', (talk) => talk.status(202)), sse)
    const waits = failure(opened.connection.request('tools/call', {}, { idleTimeoutMs: 5_000 }))
    await vi.waitFor(() => expect(server.heard.at(-1)!.method).toBe('tools/call'))

    stream!.end()

    expect(await waits).toMatchObject({ kind: 'lost' })
    expect(await opened.closed).toMatchObject({ message: 'The server ended its stream.' })
    expect(opened.connection.open).toBe(false)
  })

  it('does not wait for ever for an address', async () => {
    server = await startScripted((talk) => void talk.stream())

    const error = await failure(opener.http(server.url, { ...sse, timeoutMs: 100 }))

    expect(error).toMatchObject({ kind: 'lost' })
    await vi.waitFor(() => expect(server.openCount).toBe(0))
  })

  it('is given up where the server has moved on to Streamable HTTP', async () => {
    server = await startScripted((talk) => {
      if (talk.method === 'initialize') talk.result(INITIALIZED)
      else talk.status(talk.http === 'GET' ? 405 : 202)
    })

    const opened = await opener.http(server.url, { era: 'session', known: { era: 'session', wire: 'sse' } })

    expect(opened.connection.verdict).toEqual({ era: 'session', wire: 'http' })
  })

  it('fails with what Streamable HTTP said where it is spoken neither way', async () => {
    server = await startScripted((talk) => talk.status(404))

    expect(await failure(opener.http(server.url))).toMatchObject({ kind: 'refused', status: 404 })
  })

  it('ends over a message that is too large', async () => {
    const opened = await opener.http(
      await serve('/messages?session=1', (talk) => answer(talk, { big: 'x'.repeat(200_000) })),
      sse,
    )

    const error = await failure(opened.connection.request('tools/call', {}, { idleTimeoutMs: 5_000 }))

    expect(error).toMatchObject({ kind: 'too_large' })
    expect(await opened.closed).toBe(error)
  })
})
