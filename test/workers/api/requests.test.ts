import { once } from 'node:events'
import type { IncomingHttpHeaders } from 'node:http'
import { describe, expect, it } from 'vitest'
import { openServer } from '../../core/egress/open-server.ts'
import { openSelfSigned } from '../../core/egress/self-signed.ts'
import { answerOf, call, pass, runTask } from './run-task.ts'

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** A server that answers each request with the next of some statuses, the last for ever. */
async function openMoody(...statuses: readonly (readonly [number, Record<string, string>])[]) {
  const heard: { readonly at: number; readonly method: string | undefined }[] = []
  const server = await openServer((request, reply) => {
    const [status, headers] = statuses[Math.min(heard.length, statuses.length - 1)]!
    heard.push({ at: Date.now(), method: request.method })
    reply.writeHead(status, headers).end()
  })
  return { ...server, heard }
}

describe('a request to an API', () => {
  it('carries request id and trace, and of the headers only what a caller may say', async () => {
    let seen: IncomingHttpHeaders = {}
    const { url, port } = await openServer((request, reply) => {
      seen = request.headers
      reply.end()
    })
    const headers = {
      Accept: 'text/csv',
      'If-Match': '"1"',
      Authorization: 'Bearer of-the-gateway',
      Cookie: 'gatehouse_session=1',
      Host: 'other.example',
      'X-Forwarded-For': '1.2.3.4',
      'X-Request-Id': 'forged',
    }

    await answerOf(pass(url, { headers, traceparent: TRACE }))

    expect(seen).toMatchObject({
      accept: 'text/csv',
      'if-match': '"1"',
      'x-request-id': 'r-1',
      traceparent: TRACE,
      host: `127.0.0.1:${port}`,
    })
    for (const name of ['authorization', 'cookie', 'x-forwarded-for']) expect(seen).not.toHaveProperty(name)
  })

  it('sends in its own shape what was given: method, path, query and body', async () => {
    const heard: string[] = []
    const { url } = await openServer(async (request, reply) => {
      const chunks = await request.toArray()
      heard.push(`${request.method} ${request.url} ${Buffer.concat(chunks).toString('hex')}`)
      reply.end()
    })

    await answerOf(pass(`${url}/v1`, { method: 'PATCH', target: '/a%20b?q=%2F&q=x', body: Buffer.of(0, 255).toString('base64') }))

    expect(heard).toEqual(['PATCH /v1/a%20b?q=%2F&q=x 00ff'])
  })

  it.each(['/../admin', '/%2e%2e/admin', '/a/../../admin', '//../../admin'])(
    'does not leave the API by the path %s',
    async (target) => {
      let heard = 0
      const { url } = await openServer((_, reply) => {
        heard += 1
        reply.end()
      })

      expect(await runTask(pass(`${url}/v1`, { target }))).toMatchObject({ kind: 'cancel', code: 'invalid' })
      expect(heard).toBe(0)
    },
  )

  it('does not reach another host by its path', async () => {
    expect(await runTask(pass('https://api.example', { target: '@169.254.169.254/' }))).toMatchObject({ kind: 'cancel' })
  })

  it('is sent again where the API says later, until it takes it', async () => {
    const { url, heard } = await openMoody([503, { 'retry-after': '0' }], [429, { 'retry-after': '0' }], [200, {}])

    expect(await answerOf(call(url))).toMatchObject({ status: 200, requests: 3 })
    expect(heard).toHaveLength(3)
  })

  it('waits until the date that the API names', async () => {
    // Dates know seconds only, so one that begins is named.
    const at = Math.ceil((Date.now() + 300) / 1_000) * 1_000
    const { url, heard } = await openMoody([429, { 'retry-after': new Date(at).toUTCString() }], [200, {}])

    expect(await answerOf(call(url))).toMatchObject({ status: 200, requests: 2 })
    expect(heard[1]!.at).toBeGreaterThanOrEqual(at - 5)
  })

  it.each([
    ['a date after the deadline', new Date(Date.now() + 3_600_000).toUTCString()],
    ['more seconds than there are', '3600'],
  ])('is not sent again where the API names %s', async (_, after) => {
    const { url } = await openMoody([429, { 'retry-after': after }])

    expect(await answerOf(call(url))).toMatchObject({ status: 429, requests: 1, headers: { 'retry-after': after } })
  })

  it.each([429, 502, 503, 504])('is not sent again after %i where twice is not as good as once', async (status) => {
    const { url, heard } = await openMoody([status, { 'retry-after': '0' }])

    expect(await answerOf(pass(url, { method: 'POST', isRepeatable: false }))).toMatchObject({ status, requests: 1 })
    expect(heard).toHaveLength(1)
  })

  it.each([
    [true, 3],
    [false, 1],
  ])('whose connection broke is sent again only where that is safe (%s)', async (isRepeatable, tries) => {
    let heard = 0
    const { url } = await openServer((request) => {
      heard += 1
      request.socket.destroy()
    })

    expect(await runTask(pass(url, { isRepeatable }))).toMatchObject({ kind: 'cancel', code: 'upstream' })
    expect(heard).toBe(tries)
  })

  it('is not sent again to a server whose certificate will not do', async () => {
    let dialled = 0
    const { port } = await openSelfSigned(undefined, () => {
      dialled += 1
    })

    expect(await runTask(call(`https://localhost:${port}`))).toMatchObject({ kind: 'cancel', code: 'upstream' })
    expect(dialled).toBe(1)
  })

  it('is taken back when its caller is gone', async () => {
    const caller = new AbortController()
    const closed = Promise.withResolvers<void>()
    const { url } = await openServer((request) => {
      request.socket.once('close', () => closed.resolve())
      caller.abort(new Error('gone'))
    })

    await expect(runTask(call(url), { signal: caller.signal })).rejects.toThrow('gone')
    await closed.promise
  })

  it('is taken back while it waits to be sent again', async () => {
    const caller = new AbortController()
    const { url } = await openServer((_, reply) => {
      reply.writeHead(429, { 'retry-after': '4' }).end()
      void once(reply, 'close').then(() => caller.abort(new Error('gone')))
    })

    await expect(runTask(call(url), { signal: caller.signal })).rejects.toThrow('gone')
  })
})
