import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import { egressSettings } from '../../../src/contract/egress.ts'
import type { Hop } from '../../../src/core/egress/exchange.ts'
import type { Resolver } from '../../../src/core/egress/guarded-lookup.ts'
import type { SendFailure } from '../../../src/core/egress/send-failure.ts'
import { createSender, type Sender } from '../../../src/core/egress/sender.ts'
import { allowing, openServer } from './open-server.ts'
import { openSelfSigned } from './self-signed.ts'

const LOOPBACK = allowing('127.0.0.1')
const hop = (url: string, changes: Partial<Hop> = {}): Hop => ({
  url: new URL(url),
  method: 'GET',
  headers: {},
  body: null,
  maxAnswerBytes: 100_000,
  ...changes,
})
const patient = () => ({ signal: new AbortController().signal, late: new AbortController().signal })
const opened = (...options: Parameters<typeof createSender>): Sender => {
  const sender = createSender(...options)
  onTestFinished(() => sender.close())
  return sender
}
const failure = (work: Promise<unknown>): Promise<SendFailure> =>
  work.then(
    () => expect.fail('It should have failed.'),
    (thrown) => thrown as SendFailure,
  )

describe('what leaves', () => {
  it('comes back with status, headers and body, whatever the status', async () => {
    const { url } = await openServer((_, answer) => answer.writeHead(418, { 'x-kind': 'pot' }).end('short and stout'))

    const answer = await opened({ rules: LOOPBACK }).send(hop(url), patient())

    expect(answer).toMatchObject({ status: 418, isCut: false, requests: 1, headers: { 'x-kind': 'pot' } })
    expect(answer.body.toString()).toBe('short and stout')
  })

  it.each([
    'http://169.254.169.254/latest/meta-data/',
    'http://[fd00:ec2::254]/',
    'http://[::ffff:169.254.169.254]/',
    'http://10.0.0.1/',
  ])('is not led to %s by a redirect', async (inside) => {
    const { url } = await openServer((_, answer) => answer.writeHead(302, { location: inside }).end())

    const { code, isSent } = await failure(opened({ rules: LOOPBACK }).send(hop(url), patient()))

    expect(code).toBe('blocked')
    expect(isSent).toBe(false)
  })

  it('reaches the address that was judged, though the name means another one a moment later', async () => {
    const heard: string[] = []
    const { port } = await openServer((request, answer) => {
      heard.push(String(request.headers.host))
      answer.end('inside')
    })
    const answers = ['203.0.113.9', '127.0.0.1']
    const lookups: string[] = []
    const rebinding: Resolver = (hostname, give) => {
      lookups.push(hostname)
      give(null, [{ address: answers.shift() ?? '127.0.0.1', family: 4 }])
    }
    const rules = egressSettings.parse({ ports: [port], allow: [{ host: 'other.example', http: true, ports: 'any' }] })
    const sender = opened({ rules, resolve: rebinding })

    const first = await failure(sender.send(hop(`https://rebinding.example:${port}/`), patient()))
    const second = await failure(sender.send(hop(`https://rebinding.example:${port}/`), patient()))

    expect([first.code, second.code]).toEqual(['blocked', 'blocked'])
    expect(second.message).toContain('loopback')
    expect(lookups).toEqual(['rebinding.example', 'rebinding.example'])
    expect(heard).toEqual([])
  })

  it('looks a name up once for a connection and connects to what came of it', async () => {
    const { port } = await openServer((_, answer) => answer.end('here'))
    let lookups = 0
    const resolve: Resolver = (_, give) => {
      lookups += 1
      give(null, [{ address: lookups === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }])
    }
    const sender = opened({ rules: allowing('api.example'), resolve, connections: 1 })

    const first = await sender.send(hop(`http://api.example:${port}/`), patient())
    const again = await sender.send(hop(`http://api.example:${port}/`), patient())

    expect([first, again].map(({ body }) => body.toString())).toEqual(['here', 'here'])
    expect(lookups).toBe(1)
  })

  it('leaves out the forbidden ones among the addresses of a name', async () => {
    const { port } = await openServer((_, answer) => answer.end('here'))
    const resolve: Resolver = (_, give) =>
      give(null, [
        { address: '169.254.169.254', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ])

    const answer = await opened({ rules: allowing('api.example'), resolve }).send(hop(`http://api.example:${port}/`), patient())

    expect(answer.body.toString()).toBe('here')
  })

  it('follows redirects within an origin with everything, and to another origin without what may be a credential', async () => {
    const seen: IncomingMessage['headers'][] = []
    const other = await openServer((request, answer) => {
      seen.push(request.headers)
      answer.end('there')
    })
    const { url } = await openServer((request, answer) => {
      seen.push(request.headers)
      answer.writeHead(307, { location: request.url === '/' ? '/next' : `${other.url}/there` }).end()
    })
    const headers = { authorization: 'Bearer secret', cookie: 'a=b', 'x-api-key': 'k', accept: 'text/plain' }

    const answer = await opened({ rules: LOOPBACK }).send(hop(url, { headers }), patient())

    expect(answer.body.toString()).toBe('there')
    expect(answer.requests).toBe(3)
    expect(seen[1]).toMatchObject(headers)
    expect(Object.keys(seen[2]!).sort()).toEqual(['accept', 'connection', 'host'])
  })

  it('carries no body to another origin and makes no read of a write, but hands the redirect on', async () => {
    const other = await openServer((_, answer) => answer.end('there'))
    const { url } = await openServer((request, answer) => {
      answer.writeHead(request.url === '/kept' ? 307 : 302, { location: other.url }).end()
    })
    const sender = opened({ rules: LOOPBACK })

    const kept = await sender.send(hop(`${url}/kept`, { method: 'POST', body: 'x' }), patient())
    const moved = await sender.send(hop(`${url}/moved`, { method: 'POST', body: 'x' }), patient())

    expect([kept.status, moved.status]).toEqual([307, 302])
  })

  it('gives up after five redirects', async () => {
    let hops = 0
    const { url } = await openServer((_, answer) => {
      hops += 1
      answer.writeHead(302, { location: `/${hops}` }).end()
    })

    const { message } = await failure(opened({ rules: LOOPBACK }).send(hop(url), patient()))

    expect(message).toContain('redirected more than 5 times')
    expect(hops).toBe(6)
  })

  it('cuts an answer that is longer than allowed, and hears no more of it', async () => {
    const closed = Promise.withResolvers<void>()
    const { url } = await openServer((_, answer) => {
      answer.once('close', closed.resolve)
      const pour = (): void => {
        if (!answer.destroyed) answer.write('x'.repeat(10_000), pour)
      }
      pour()
    })

    const answer = await opened({ rules: LOOPBACK }).send(hop(url, { maxAnswerBytes: 25_000 }), patient())
    await closed.promise

    expect(answer.isCut).toBe(true)
    expect(answer.body.length).toBe(25_000)
  })

  it('cuts an answer that never ends when the time is up', async () => {
    const { url } = await openServer((_, answer) => {
      answer.writeHead(200, { 'content-type': 'text/event-stream' })
      answer.write('data: 1\n\n')
    })

    const answer = await opened({ rules: LOOPBACK }).send(hop(url), { ...patient(), late: AbortSignal.timeout(500) })

    expect(answer).toMatchObject({ status: 200, isCut: true })
    expect(answer.body.toString()).toBe('data: 1\n\n')
  })

  it('fails with a timeout where not even headers came', async () => {
    const late = new AbortController()
    const { url } = await openServer(() => late.abort())

    const { code, isSent } = await failure(opened({ rules: LOOPBACK }).send(hop(url), { ...patient(), late: late.signal }))

    expect(code).toBe('timeout')
    expect(isSent).toBe(true)
  })

  it('is taken back when whoever waits gives up', async () => {
    const giveUp = new AbortController()
    const closed = Promise.withResolvers<void>()
    const { url } = await openServer((request) => {
      request.once('close', closed.resolve)
      giveUp.abort(new Error('enough'))
    })

    const thrown = await failure(opened({ rules: LOOPBACK }).send(hop(url), { ...patient(), signal: giveUp.signal }))
    await closed.promise

    expect(thrown.message).toBe('enough')
  })

  it('reads compressed answers, and a bomb no further than allowed', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const { url } = await openServer((request, answer) => {
      answer.writeHead(200, { 'content-encoding': 'gzip' }).end(request.url === '/bomb' ? bomb : gzipSync('hello'))
    })
    const sender = opened({ rules: LOOPBACK })

    const plain = await sender.send(hop(url), patient())
    const cut = await sender.send(hop(`${url}/bomb`), patient())

    expect(bomb.length).toBeLessThan(100_000)
    expect(plain.body.toString()).toBe('hello')
    expect(cut).toMatchObject({ isCut: true })
    expect(cut.body.length).toBe(100_000)
  })

  it.each([
    ['gzip', 'this is not gzip'],
    ['rot13', 'uryyb'],
  ])('fails in words over an answer that says %s and cannot be read', async (encoding, body) => {
    const { url } = await openServer((_, answer) => answer.writeHead(200, { 'content-encoding': encoding }).end(body))

    const { code, message } = await failure(opened({ rules: LOOPBACK }).send(hop(url), patient()))

    expect(code).toBe('upstream')
    expect(message).toContain('cannot be read')
  })

  it.each([
    ['closes half way', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', /broke the connection before its answer was whole/],
    ['speaks no HTTP', 'SSH-2.0-OpenSSH_9\r\n\r\n', /what is not HTTP/],
    ['sends headers without end', `HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(20_000)}`, /more headers than can be taken/],
  ])('fails in words over a server that %s', async (_, bytes, words) => {
    const server = createTcpServer((socket: Socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end(bytes))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }

    const thrown = await failure(opened({ rules: LOOPBACK }).send(hop(`http://127.0.0.1:${port}/secret?key=abc`), patient()))

    expect(thrown).toMatchObject({ code: 'upstream', isSent: true })
    expect(thrown.message).toMatch(words)
    expect(thrown.message).not.toContain('secret')
  })

  it('fails in words over a certificate that signed itself', async () => {
    const { port } = await openSelfSigned()

    const thrown = await failure(opened({ rules: allowing('localhost') }).send(hop(`https://localhost:${port}/`), patient()))

    expect(thrown).toMatchObject({ code: 'upstream', isSent: false })
    expect(thrown.message).toContain('a certificate that it signed itself')
  })

  it('fails in words where nothing listens', async () => {
    const { port } = await openServer(() => {})
    const free = createTcpServer().listen(0, '127.0.0.1')
    await once(free, 'listening')
    const { port: closed } = free.address() as { port: number }
    free.close()
    await once(free, 'close')

    const thrown = await failure(opened({ rules: LOOPBACK }).send(hop(`http://127.0.0.1:${closed}/`), patient()))

    expect(closed).not.toBe(port)
    expect(thrown).toMatchObject({ code: 'upstream', isSent: false })
    expect(thrown.message).toContain('Nothing listens')
  })

  it('leaves nothing behind that a second request would carry', async () => {
    const cookies: unknown[] = []
    const { url } = await openServer((request, answer) => {
      cookies.push(request.headers.cookie)
      answer.writeHead(200, { 'set-cookie': 'session=1' }).end()
    })
    const sender = opened({ rules: LOOPBACK })

    await sender.send(hop(url), patient())
    await sender.send(hop(url), patient())

    expect(cookies).toEqual([undefined, undefined])
  })
})
