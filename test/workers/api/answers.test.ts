import { createServer as createTcpServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openServer } from '../../core/egress/open-server.ts'
import { openSelfSigned } from '../../core/egress/self-signed.ts'
import { answerOf, call, pass, runTask } from './run-task.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

describe('an answer of an API', () => {
  it.each([
    ['application/json', '{"a":1}', { kind: 'json', value: { a: 1 } }],
    ['application/problem+json; charset=utf-8', '{"a":1}', { kind: 'json', value: { a: 1 } }],
    ['application/vnd.api+json', '[1]', { kind: 'json', value: [1] }],
    [
      'text/plain; charset=iso-8859-1',
      Buffer.from('gr\xf6\xdfe', 'latin1'),
      { kind: 'text', text: 'größe', mimeType: 'text/plain' },
    ],
    ['application/xml', '<a/>', { kind: 'text', text: '<a/>', mimeType: 'application/xml' }],
    ['image/png', Buffer.of(1, 2, 255), { kind: 'binary', base64: 'AQL/', mimeType: 'image/png' }],
    ['', Buffer.of(0xff, 0xfe, 0xc3), { kind: 'binary', base64: '//7D', mimeType: 'application/octet-stream' }],
    ['', 'plain', { kind: 'text', text: 'plain', mimeType: 'text/plain' }],
  ])('of the type %o is given as what it is', async (type, body, wanted) => {
    const { url } = await openServer((_, reply) => reply.writeHead(200, type === '' ? {} : { 'content-type': type }).end(body))

    expect(await answerOf(call(url))).toMatchObject({ status: 200, body: wanted, note: null, isCut: false, requests: 1 })
  })

  it('in the API’s own shape keeps its JSON as it was written', async () => {
    const { url } = await openServer((_, reply) => reply.writeHead(200, JSON_TYPE).end('{"id": 12345678901234567890}'))

    expect(await answerOf(pass(url))).toMatchObject({
      body: { kind: 'text', text: '{"id": 12345678901234567890}', mimeType: 'application/json' },
    })
  })

  it.each([204, 304])('without a body (%i) has none', async (status) => {
    const { url } = await openServer((_, reply) => reply.writeHead(status).end())

    expect(await answerOf(call(url))).toMatchObject({ status, body: { kind: 'none' } })
  })

  it('that is a page where JSON was promised says so, and only then', async () => {
    const { url } = await openServer((_, reply) => reply.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Sign in</h1>'))
    const plan = { method: 'GET' as const, serverUrl: url, path: '/', parameters: [], body: null, accept: ['text/html'] }

    const surprising = await answerOf(call(url))
    const promised = await answerOf(call(url, { plan }))

    expect(surprising).toMatchObject({ status: 200, body: { kind: 'text', mimeType: 'text/html' } })
    expect(surprising.note).toContain('promised JSON and answered 200 with a page of HTML')
    expect(promised.note).toBeNull()
  })

  it('that says it is JSON and is not is given as text, and says so', async () => {
    const { url } = await openServer((_, reply) => reply.writeHead(200, JSON_TYPE).end('{"a":'))

    expect(await answerOf(call(url))).toMatchObject({
      body: { kind: 'text', text: '{"a":' },
      note: 'The answer says that it is JSON and cannot be read as JSON.',
    })
  })

  it('that never ends is cut where it is too long', async () => {
    const { url } = await openServer((_, reply) => {
      reply.writeHead(200, { 'content-type': 'text/event-stream' })
      const pour = (): void => {
        if (!reply.destroyed) reply.write('data: x\n\n', () => setImmediate(pour))
      }
      pour()
    })

    const { body, isCut } = await answerOf(pass(url, { maxAnswerBytes: 900 }))

    expect(isCut).toBe(true)
    expect(body).toMatchObject({ kind: 'text', text: 'data: x\n\n'.repeat(100) })
  })

  it('that is slow is cut when the time is up', async () => {
    const { url } = await openServer((_, reply) => void reply.writeHead(200, { 'content-type': 'text/plain' }).write('begun'))

    expect(await answerOf(pass(url, { timeoutMs: 400 }))).toMatchObject({ isCut: true, body: { kind: 'text', text: 'begun' } })
  })

  it('that does not come is a timeout', async () => {
    const { url } = await openServer(() => {})

    expect(await runTask(pass(url, { timeoutMs: 300 }))).toMatchObject({ kind: 'cancel', code: 'timeout' })
  })

  it('hands on how to go on, and nothing that keeps or carries a credential', async () => {
    const { url } = await openServer((_, reply) =>
      reply
        .writeHead(200, {
          ...JSON_TYPE,
          link: '</?page=2>; rel="next"',
          'x-ratelimit-remaining': '41',
          'x-own': 'kept',
          'x-other': 'left out',
          'set-cookie': 'session=1',
        })
        .end('[]'),
    )

    const { headers } = await answerOf(call(url, { answerHeaders: ['x-own', 'set-cookie'] }))

    expect(headers).toMatchObject({ link: '</?page=2>; rel="next"', 'x-ratelimit-remaining': '41', 'x-own': 'kept' })
    expect(headers).not.toHaveProperty('x-other')
    expect(headers).not.toHaveProperty('set-cookie')
  })

  it('does not repeat the credential that it was asked with', async () => {
    const { url } = await openServer((request, reply) =>
      reply.writeHead(200, { ...JSON_TYPE, link: String(request.headers.authorization) }).end(JSON.stringify(request.headers)),
    )

    const answered = await answerOf(call(url), { credential: { kind: 'bearer', token: 'a-very-secret-token' } })

    expect(JSON.stringify(answered)).toContain('[hidden]')
    expect(JSON.stringify(answered)).not.toContain('a-very-secret-token')
  })

  const TOKEN = 'a/very+secret<token>=='
  const escaped = JSON.stringify({ seen: TOKEN }).replaceAll('/', '\\/').replace('<', '\\u003c')

  it.each([
    ['JSON with more escapes than it needs', JSON_TYPE, escaped],
    [
      'JSON with every letter escaped',
      JSON_TYPE,
      `{"seen":"${[...TOKEN].map((char) => `\\u00${char.charCodeAt(0).toString(16)}`).join('')}"}`,
    ],
    ['bytes', { 'content-type': 'application/octet-stream' }, `\0\xff ${TOKEN} \0`],
    ['Base64 within bytes', { 'content-type': 'application/octet-stream' }, Buffer.from(`x${TOKEN}y`).toString('base64')],
    ['an address', { 'content-type': 'text/plain' }, `https://x.example/?t=${encodeURIComponent(TOKEN)}`],
    ['a page', { 'content-type': 'text/html' }, TOKEN.replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('=', '&#x3D;')],
  ] as const)('does not repeat the credential as %s', async (_, headers, body) => {
    const { url } = await openServer((_request, reply) => reply.writeHead(200, headers).end(body))
    const credential = { kind: 'bearer', token: TOKEN } as const

    for (const payload of [call(url), pass(url)]) {
      const answered = await answerOf(payload, { credential })
      const seen =
        answered.body.kind === 'binary'
          ? Buffer.from(answered.body.base64, 'base64').toString('latin1')
          : JSON.stringify(answered.body)
      expect(seen).toContain('[hidden]')
      expect(seen).not.toContain('secret')
    }
  })

  it.each(['1234567890123', '12345678901234567890'])('that repeats the credential %s as a number stays JSON', async (token) => {
    const { url } = await openServer((_, reply) => reply.writeHead(200, JSON_TYPE).end(`{"pin":${token}}`))

    const { body } = await answerOf(call(url), { credential: { kind: 'bearer', token } })

    expect(body).toEqual({ kind: 'json', value: { pin: '[hidden]' } })
  })

  it('that is nested deeper than anybody walks is given as text', async () => {
    const deep = `${'[1,'.repeat(100_000)}"["${']'.repeat(100_000)}`
    const { url } = await openServer((_, reply) => reply.writeHead(200, JSON_TYPE).end(deep))

    expect(await answerOf(call(url, { maxAnswerBytes: 1_000_000 }))).toMatchObject({
      body: { kind: 'text', text: deep },
      note: expect.stringContaining('nested'),
    })
  })

  it('that is cut within the credential does not show its beginning', async () => {
    const shown = 1_000
    const { url } = await openServer((_, reply) =>
      reply.writeHead(200, { 'content-type': 'text/plain' }).end(`${'x'.repeat(shown - 10)}${TOKEN}`),
    )
    const answered = await answerOf(call(url, { maxAnswerBytes: shown }), { credential: { kind: 'bearer', token: TOKEN } })

    expect(answered).toMatchObject({ isCut: true, body: { text: `${'x'.repeat(shown - 10)}[hidden]` } })
  })

  it('names no credential where a header of it is too long to be handed on whole', async () => {
    const { url } = await openServer((_, reply) => reply.writeHead(200, { link: `${'x'.repeat(8_180)}${TOKEN}` }).end())
    const { headers } = await answerOf(call(url), { credential: { kind: 'bearer', token: TOKEN } })

    expect(headers['link']).toContain('xxx')
    expect(headers['link']).not.toContain(TOKEN.slice(0, 4))
  })

  it('that breaks off half way is a failure in words, without the query that it was asked with', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => {})
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf'))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const { port } = server.address() as { port: number }

    const verdict = await runTask(
      pass(`http://127.0.0.1:${port}`, { method: 'POST', isRepeatable: false, target: '/?key=secret' }),
    )

    expect(verdict).toEqual({
      kind: 'cancel',
      code: 'upstream',
      reason: `http://127.0.0.1:${port} broke the connection before its answer was whole (UND_ERR_SOCKET).`,
    })
  })

  it('of a server whose certificate nobody vouches for is never asked for', async () => {
    let heard = 0
    const { port } = await openSelfSigned((_, reply) => {
      heard += 1
      reply.end()
    })

    const verdict = await runTask(call(`https://localhost:${port}`), { credential: { kind: 'bearer', token: 'secret-token' } })

    expect(verdict).toMatchObject({ kind: 'cancel', code: 'upstream' })
    expect(JSON.stringify(verdict)).toContain('a certificate that it signed itself')
    expect(heard).toBe(0)
  })

  it('of an address inside is refused, also where a redirect leads there', async () => {
    const { url } = await openServer((_, reply) => reply.writeHead(302, { location: 'http://169.254.169.254/' }).end())

    expect(await runTask(call('http://10.0.0.1'))).toMatchObject({ kind: 'cancel', code: 'blocked' })
    expect(await runTask(call(url))).toMatchObject({ kind: 'cancel', code: 'blocked' })
  })
})

describe('a document', () => {
  it('is fetched as text with the address that it came from in the end', async () => {
    const { url } = await openServer((request, reply) => {
      if (request.url === '/') reply.writeHead(301, { location: '/v2/openapi.json' }).end()
      else reply.writeHead(200, JSON_TYPE).end('{"openapi":"3.1.0"}')
    })

    expect(await answerOf({ kind: 'fetch', url, timeoutMs: 5_000, maxAnswerBytes: 1_000 })).toMatchObject({
      status: 200,
      url: `${url}/v2/openapi.json`,
      body: { kind: 'text', text: '{"openapi":"3.1.0"}', mimeType: 'application/json' },
    })
  })
})
