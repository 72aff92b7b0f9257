import type { IncomingMessage, ServerResponse } from 'node:http'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Credential } from '../../../queue/api.lane.ts'
import { openServer } from '../../core/egress/open-server.ts'
import { answerOf, call, pass, runTask } from './run-task.ts'

const SECRET = 'k3y with/odd:chars+='
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

/** Lets in only who proves itself in this way. */
const CHECKS: Readonly<Record<string, (request: IncomingMessage, url: URL) => boolean>> = {
  header: ({ headers }) => headers['x-api-key'] === SECRET,
  query: (_, { searchParams }) => searchParams.getAll('key').join() === SECRET,
  cookie: ({ headers }) => headers.cookie === 'key=c00kie-value',
  basic: ({ headers }) => headers.authorization === basic('ada', SECRET),
  bearer: ({ headers }) => headers.authorization === 'Bearer t0ken-of-bearer',
  none: ({ headers }) => headers.authorization === undefined && headers.cookie === undefined,
}

const KINDS: readonly (readonly [string, Credential])[] = [
  ['header', { kind: 'apiKey', in: 'header', name: 'X-Api-Key', value: SECRET }],
  ['query', { kind: 'apiKey', in: 'query', name: 'key', value: SECRET }],
  ['cookie', { kind: 'apiKey', in: 'cookie', name: 'key', value: 'c00kie-value' }],
  ['basic', { kind: 'basic', user: 'ada', password: SECRET }],
  ['bearer', { kind: 'bearer', token: 't0ken-of-bearer' }],
  ['none', { kind: 'none' }],
]

const judge = (request: IncomingMessage, reply: ServerResponse): void => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const check = CHECKS[url.pathname.slice(1)]
  reply.writeHead(check?.(request, url) ? 200 : 401).end()
}

describe('the credential of an API', () => {
  describe.each(KINDS)('%s', (path, credential) => {
    it('is what the API wants, and what no other kind of API takes', async () => {
      const { url } = await openServer(judge)
      const statuses = await Promise.all(
        KINDS.map(
          async ([other]) => [other, (await answerOf(pass(url, { target: `/${other}` }), { credential })).status] as const,
        ),
      )

      const own = statuses.filter(([other]) => other === path || (other === 'none' && (path === 'header' || path === 'query')))
      const others = statuses.filter((one) => !own.includes(one))
      expect(own.map(([, status]) => status)).toEqual(own.map(() => 200))
      expect(others.map(([, status]) => status)).toEqual(others.map(() => 401))
    })

    it('wins over what the caller put in its place', async () => {
      const { url } = await openServer(judge)
      const headers = { authorization: 'Bearer forged', cookie: 'key=forged', 'x-api-key': 'forged' }

      expect(await answerOf(pass(url, { target: `/${path}?key=forged&key=twice`, headers }), { credential })).toMatchObject({
        status: 200,
      })
    })
  })

  it('leaves the other parameters as the caller wrote them', async () => {
    let heard: string | undefined
    const { url } = await openServer((request, reply) => {
      heard = request.url
      reply.end()
    })

    await answerOf(pass(url, { target: '/?a=%7e+b' }), { credential: { kind: 'apiKey', in: 'query', name: 'key', value: 'v' } })

    expect(heard).toBe('/?a=%7e+b&key=v')
  })

  it('in a parameter takes the place of the caller’s, and of no other', async () => {
    let heard: string | undefined
    const { url } = await openServer((request, reply) => {
      heard = request.url
      reply.end()
    })
    const credential = { kind: 'apiKey', in: 'query', name: 'key', value: 'v' } as const

    await answerOf(pass(url, { target: '/?list=a,b%2Cc&k%65y=forged&x=%7e+b&key' }), { credential })

    expect(heard).toBe('/?list=a,b%2Cc&x=%7e+b&key=v')
  })

  it('that no header can carry is refused without being shown', async () => {
    const verdict = await runTask(call('http://127.0.0.1:9'), { credential: { kind: 'bearer', token: 'two\r\nlines' } })

    expect(verdict).toMatchObject({ kind: 'cancel', code: 'unavailable' })
    expect(JSON.stringify(verdict)).not.toContain('two')
  })

  it('is not asked for where the API wants none', async () => {
    const { url } = await openServer((_, reply) => reply.end())

    expect(await answerOf(call(url, { asksCredential: false }), { credential: undefined as never })).toMatchObject({
      status: 200,
    })
  })

  it('is asked for once for as long as it is the same, and for every request where it never is', async () => {
    const { url } = await openServer((request, reply) => reply.writeHead(200).end(request.headers.authorization))
    let asked = 0
    const count = (): void => {
      asked += 1
    }
    const send = async (credentialKey: string | null, token: string) => {
      const options = { credential: { kind: 'bearer', token }, onAsk: count } as const
      await answerOf(call(url, { credentialKey }), options)
      return asked
    }

    expect([await send('a', 'first-token'), await send('a', 'first-token')]).toEqual([1, 1])
    expect([await send('b', 'second-token'), await send('b', 'second-token')]).toEqual([2, 2])
    expect([await send(null, 'third-token'), await send(null, 'third-token')]).toEqual([3, 4])
  })

  it('is asked for again where it could not be had', async () => {
    const { url } = await openServer((_, reply) => reply.end())
    const credential = { kind: 'bearer', token: 'two\r\nlines' } as const

    expect(await runTask(call(url, { credentialKey: 'c' }), { credential: { kind: 'odd' } as never }).catch(() => 'failed')).toBe(
      'failed',
    )
    expect(await runTask(call(url, { credentialKey: 'c' }), { credential })).toMatchObject({ code: 'unavailable' })
    expect(await answerOf(call(url, { credentialKey: 'd' }), { credential: { kind: 'none' } })).toMatchObject({ status: 200 })
  })
})

describe('an access token', () => {
  let granted: string[]
  let heard: { readonly authorization: string | undefined; readonly form: URLSearchParams }[]
  let answers: { status?: number; more?: object; body?: string }

  beforeEach(() => {
    granted = []
    heard = []
    answers = {}
  })

  /** An authorisation server at /token, and an API that takes the newest token. */
  const open = () =>
    openServer(async (request, reply) => {
      if (request.url !== '/token') {
        reply.writeHead(request.headers.authorization === `Bearer ${granted.at(-1)}` ? 200 : 401).end()
        return
      }
      const form = new URLSearchParams(Buffer.concat(await request.toArray()).toString())
      heard.push({ authorization: request.headers.authorization, form })
      granted.push(`granted-token-${granted.length + 1}`)
      const body = { access_token: granted.at(-1), token_type: 'Bearer', expires_in: 3_600, ...answers.more }
      reply.writeHead(answers.status ?? 200, { 'content-type': 'application/json' }).end(answers.body ?? JSON.stringify(body))
    })
  const oauth2 = (url: string, changes: object = {}): Credential => ({
    kind: 'oauth2',
    tokenUrl: `${url}/token`,
    clientId: 'client 1',
    clientSecret: 's3cret/+:',
    scope: 'read write',
    authentication: 'basic',
    ...changes,
  })

  it('is got with the client’s own credentials, in the header or in the body', async () => {
    const { url } = await open()

    await answerOf(call(url), { credential: oauth2(url) })
    await answerOf(call(url), { credential: oauth2(url, { authentication: 'body', clientSecret: 'other-secret' }) })

    expect(heard[0]?.authorization).toBe(basic('client+1', 's3cret%2F%2B%3A'))
    expect(Object.fromEntries(heard[0]!.form)).toEqual({ grant_type: 'client_credentials', scope: 'read write' })
    expect(heard[1]?.authorization).toBeUndefined()
    expect(heard[1]?.form.get('client_secret')).toBe('other-secret')
  })

  it('is got once for all who want it at the same time, and kept', async () => {
    const { url } = await open()
    const credential = oauth2(url)

    const first = await Promise.all(Array.from({ length: 8 }, () => answerOf(call(url), { credential })))
    const later = await answerOf(call(url), { credential })

    expect([...first, later].map(({ status }) => status)).toEqual(Array.from({ length: 9 }, () => 200))
    expect(heard).toHaveLength(1)
  })

  it('that the API no longer takes is replaced once, without the caller noticing', async () => {
    const { url } = await open()
    const credential = oauth2(url)
    await answerOf(call(url), { credential })
    granted.push('granted-to-somebody-else')

    expect(await answerOf(pass(url, { method: 'POST', isRepeatable: false }), { credential })).toMatchObject({
      status: 200,
      requests: 2,
    })
    expect(heard).toHaveLength(2)
  })

  it('that is refused though it is new is not asked for for ever', async () => {
    const { url } = await open()
    const api = await openServer((_, reply) => reply.writeHead(401).end())

    expect(await answerOf(call(api.url), { credential: oauth2(url) })).toMatchObject({ status: 401, requests: 2 })
    expect(heard).toHaveLength(2)
  })

  it('that has ended is replaced before it is used', async () => {
    const { url } = await open()
    answers.more = { expires_in: 0.001 }
    const credential = oauth2(url)

    await answerOf(call(url), { credential })
    await answerOf(call(url), { credential })

    expect(heard).toHaveLength(2)
  })

  it.each([
    [
      'refused',
      { status: 401, body: '{"error":"invalid_client","error_description":"s3cret/+: is wrong"}' },
      '401, invalid_client',
    ],
    ['of another kind', { more: { token_type: 'mac' } }, 'without an access token of the kind bearer'],
    ['a page', { body: '<html>' }, 'without an access token of the kind bearer'],
  ])('that is %s is a failure in words, without the secret', async (_, odd, words) => {
    const { url } = await open()
    answers = odd

    const verdict = await runTask(call(url), { credential: oauth2(url) })

    expect(verdict).toMatchObject({ kind: 'cancel', code: 'upstream', reason: expect.stringContaining(words) })
    expect(JSON.stringify(verdict)).not.toContain('s3cret')
  })

  it('is not asked for inside', async () => {
    const { url } = await open()

    expect(await runTask(call(url), { credential: oauth2('http://169.254.169.254') })).toMatchObject({ code: 'blocked' })
  })
})
