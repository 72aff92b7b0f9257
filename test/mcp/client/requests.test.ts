import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ClientError } from '../../../src/mcp/client/client-error.ts'
import type { OnRequest } from '../../../src/mcp/client/request-options.ts'
import { RpcError } from '../../../src/mcp/rpc.ts'
import { type Opened, Opener } from './open-scripted.ts'
import { INITIALIZED, type ScriptedServer, startScripted, type Talk } from './scripted-server.ts'

const opener = new Opener()
let server: ScriptedServer | undefined

const open = async (answered: (talk: Talk) => void, call: (talk: Talk) => void, request?: OnRequest): Promise<Opened> => {
  server = await startScripted((talk) => {
    if (talk.method === 'initialize') talk.result(INITIALIZED)
    else if (talk.method === 'tools/call') call(talk)
    else {
      talk.status(202)
      if (talk.method === '' && talk.http === 'POST') answered(talk)
    }
  })
  return opener.http(server.url, { era: 'session', listener: { request } as never })
}
const call = ({ connection }: Opened, options: object): Promise<unknown> =>
  connection.request('tools/call', { name: 'any' }, { idleTimeoutMs: 5_000, ...options })
const failure = (work: Promise<unknown>): Promise<ClientError> =>
  work.then(
    () => expect.fail('It should have failed.'),
    (thrown) => thrown as ClientError,
  )
/** Never answers, and tells how it ended. */
const waiting = (): { onRequest: OnRequest; ended: Promise<string>; asked: Promise<void> } => {
  const ended = Promise.withResolvers<string>()
  const asked = Promise.withResolvers<void>()
  const onRequest: OnRequest = (_method, _params, signal) => {
    asked.resolve()
    const { promise, reject } = Promise.withResolvers<never>()
    signal.addEventListener('abort', () => {
      ended.resolve('aborted')
      reject(new Error('over'))
    })
    return promise
  }
  return { onRequest, ended: ended.promise, asked: asked.promise }
}

afterEach(async () => {
  await opener.close()
  expect(opener.wheel.size).toBe(0)
  await server?.stop()
  server = undefined
})

describe('what a server asks on the stream of a request', () => {
  it('is answered by whoever made that request, and by nobody else', async () => {
    const streams: { stream: ReturnType<Talk['stream']>; talk: Talk }[] = []
    const opened = await open(
      ({ message }) => {
        const { stream, talk } = streams[message['id'] as number]!
        stream.send({ id: talk.id, result: { told: message['result'] } })
        stream.end()
      },
      (talk) => {
        const stream = talk.stream()
        const id = streams.push({ stream, talk }) - 1
        stream.send({ id, method: 'elicitation/create', params: { n: id } })
      },
    )
    const answers = (who: string) => async (method: string, params: unknown) => ({ who, method, params })

    const [first, second] = await Promise.all([
      call(opened, { onRequest: answers('one') }),
      call(opened, { onRequest: answers('two') }),
    ])

    expect([first, second].map((result) => (result as { told: { who: string } }).told.who)).toEqual(['one', 'two'])
    expect(first).toMatchObject({ told: { method: 'elicitation/create' } })
  })

  it('is refused as it says, as unknown where nobody answers, and without a word of ours where we fail', async () => {
    const errors: unknown[] = []
    const opened = await open(
      ({ message }) => errors.push(message['error']),
      (talk) => {
        const stream = talk.stream()
        stream.send({ id: 'q', method: 'sampling/createMessage', params: {} })
        stream.send({ id: 'p', method: 'ping' })
        setTimeout(() => stream.send({ id: talk.id, result: {} }), 30)
      },
    )
    const refuse = async (): Promise<never> => {
      throw new RpcError(-1, 'The user said no.', { data: { why: 1 } })
    }
    const breaks = async (): Promise<never> => {
      throw new Error('a path of ours')
    }

    await call(opened, { onRequest: refuse })
    await call(opened, {})
    await call(opened, { onRequest: breaks })

    await vi.waitFor(() => expect(errors.filter((error) => error !== undefined)).toHaveLength(3))
    expect(errors.filter((error) => error !== undefined)).toEqual([
      { code: -1, message: 'The user said no.', data: { why: 1 } },
      { code: -32601, message: 'This client does not answer sampling/createMessage.' },
      { code: -32603, message: 'The client failed to answer.' },
    ])
  })

  it('is answered once more where the connection broke before the server said anything to the answer', async () => {
    let isFirst = true
    let asking: { id: number; stream: ReturnType<Talk['stream']> } | undefined
    server = await startScripted((talk) => {
      if (talk.method === 'initialize') talk.result(INITIALIZED)
      else if (talk.method === 'tools/call') {
        const stream = talk.stream()
        stream.send({ id: 'q', method: 'elicitation/create', params: {} })
        asking = { id: talk.id, stream }
      } else if (talk.method === '' && isFirst) {
        isFirst = false
        talk.hangUp()
      } else {
        talk.status(202)
        if (talk.method === '') asking!.stream.send({ id: asking!.id, result: { told: talk.message['result'] } })
      }
    })
    const opened = await opener.http(server.url, { era: 'session' })

    expect(await call(opened, { onRequest: async () => ({ action: 'accept' }) })).toEqual({ told: { action: 'accept' } })
    asking!.stream.end()
  })

  it('is for nobody once the request has its answer', async () => {
    const refused = Promise.withResolvers<unknown>()
    const nobody = vi.fn<OnRequest>()
    const opened = await open(
      ({ message }) => refused.resolve(message['error']),
      (talk) => {
        const stream = talk.stream()
        stream.send({ id: talk.id, result: {} })
        stream.send({ id: 'late', method: 'elicitation/create', params: {} })
      },
      nobody,
    )

    await call(opened, { onRequest: nobody })

    expect(await refused.promise).toMatchObject({ code: -32601 })
    expect(nobody).not.toHaveBeenCalled()
  })

  it('is over when the request is over', async () => {
    const opened = await open(
      () => {},
      (talk) => talk.stream().send({ id: 'q', method: 'elicitation/create', params: {} }),
    )
    const { onRequest, ended, asked } = waiting()
    const stop = new AbortController()
    const waits = failure(call(opened, { onRequest, signal: stop.signal }))
    await asked

    stop.abort()

    expect(await waits).toMatchObject({ kind: 'cancelled' })
    expect(await ended).toBe('aborted')
  })

  it('is over when the connection is over', async () => {
    const opened = await open(
      () => {},
      (talk) => talk.stream().send({ id: 'q', method: 'elicitation/create', params: {} }),
    )
    const { onRequest, ended, asked } = waiting()
    const waits = failure(call(opened, { onRequest }))
    await asked

    await opened.connection.close()

    expect(await waits).toMatchObject({ kind: 'lost' })
    expect(await ended).toBe('aborted')
  })

  it('keeps the request from looking dead while a person thinks, but not beyond its ceiling', async () => {
    let answer: (value: unknown) => void = () => {}
    const streams: { stream: ReturnType<Talk['stream']>; talk: Talk }[] = []
    const opened = await open(
      () => streams[0]!.stream.send({ id: streams[0]!.talk.id, result: { done: true } }),
      (talk) => {
        const stream = talk.stream()
        streams.push({ stream, talk })
        stream.send({ id: 'q', method: 'elicitation/create', params: {} })
      },
    )
    const onRequest = (): Promise<unknown> => new Promise((resolve) => (answer = resolve))

    const waits = call(opened, { onRequest, idleTimeoutMs: 60, maxTimeoutMs: 5_000 })
    setTimeout(() => answer({}), 300)
    expect(await waits).toEqual({ done: true })

    const error = await failure(call(opened, { onRequest, idleTimeoutMs: 60, maxTimeoutMs: 200 }))
    expect(error).toMatchObject({ kind: 'timeout' })
    expect(error.message).toContain('200 ms in all')
  })
})

describe('what a server asks on its standing stream', () => {
  it('reaches us from the first call on, because that stream is waited for', async () => {
    let standing: ReturnType<Talk['stream']> | undefined
    let asking: Talk | undefined
    server = await startScripted((talk) => {
      if (talk.method === 'initialize') talk.result(INITIALIZED)
      else if (talk.http === 'GET') setTimeout(() => (standing = talk.stream()), 100)
      else if (talk.method === 'tools/call') {
        asking = talk
        standing?.send({ id: 'q', method: 'roots/list' })
      } else {
        talk.status(202)
        if (talk.method === '') asking!.result({ told: talk.message['result'] })
      }
    })
    const request: OnRequest = async () => ({ roots: [] })

    const opened = await opener.http(server.url, { era: 'session', listener: { request } as never }, { listen: true })

    expect(await call(opened, {})).toEqual({ told: { roots: [] } })
    expect(server.heard.map(({ http, method }) => `${http} ${method}`).slice(0, 3)).toEqual([
      'POST initialize',
      'POST notifications/initialized',
      'GET ',
    ])
  })

  it('is not waited for where there is none', async () => {
    server = await startScripted((talk) => {
      if (talk.method === 'initialize') talk.result(INITIALIZED)
      else talk.status(talk.http === 'GET' ? 405 : 202)
    })

    const opened = await opener.http(server.url, { era: 'session' }, { listen: true })

    expect(opened.connection.open).toBe(true)
  })
})

describe('what a server asks over stdio', () => {
  const listener = (request: OnRequest) => ({
    listener: { request } as never,
    era: 'session' as const,
  })
  const text = async ({ connection }: Opened, name: string): Promise<string> => {
    const result = await connection.request('tools/call', { name }, { idleTimeoutMs: 5_000 })
    return (result as { content: [{ text: string }] }).content[0].text
  }

  it('is answered by the owner of the connection', async () => {
    const opened = await opener.stdio(
      ['--session'],
      listener(async (method, params) => ({ method, params })),
    )

    expect(JSON.parse(await text(opened, 'asks'))).toEqual({ method: 'elicitation/create', params: { message: 'Who?' } })
  })

  it('and takes back is not answered any more', async () => {
    const { onRequest, ended } = waiting()
    const opened = await opener.stdio(['--session'], listener(onRequest))

    expect(await text(opened, 'takes_back')).toBe('never mind')

    expect(await ended).toBe('aborted')
  })

  it('in a flood is refused beyond a hundred at the same time', async () => {
    const { onRequest } = waiting()
    const opened = await opener.stdio(['--session'], listener(onRequest))

    expect(await text(opened, 'floods')).toBe('refused 50')
  })
})
