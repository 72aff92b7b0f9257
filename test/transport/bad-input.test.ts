import { connect } from 'node:net'
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Tool } from '../../src/contract/tool.ts'
import type { AccessStore } from '../../src/module/access/access.store.ts'
import { createToken } from '../../src/module/access/create-token.ts'
import { offerTools, type RehearsalStore, rehearsal } from '../fixture/rehearsal.ts'
import { ADMIN, openTestHouse, stoppedClock, type TestHouse } from '../support.ts'

const LIMIT_BYTES = 65_536
const DAY_MS = 86_400_000

const clock = stoppedClock()
let house: TestHouse
let store: RehearsalStore

beforeAll(async () => {
  house = await openTestHouse({ extra: [rehearsal], http: { bodyLimitBytes: LIMIT_BYTES }, nowMs: clock.nowMs, until: 'suite' })
  store = house.gatehouse.store<RehearsalStore>('rehearsal')
})

afterEach(async () => {
  const good = await house.fetch('/api/rehearsal/lines', house.adminToken)
  expect(good.status, 'everything else goes on working').toBe(200)
  await good.arrayBuffer()
  const bugs = house.lines.filter(({ event }) => event === 'http.bug' || event === 'door.bug' || event === 'door.record_failed')
  expect(bugs, 'nothing that came from outside is a bug').toEqual([])
})

interface Problem {
  readonly code: string
  readonly detail: string
  readonly errors?: readonly { readonly path: string }[]
}

/** The problem that a reply carries; fails unless it is a whole one, and stands in the access log. */
async function problemOf(reply: Response): Promise<Problem> {
  const text = await reply.text()
  expect(reply.headers.get('content-type'), text).toMatch(/^application\/problem\+json/)
  expect(reply.headers.get('cache-control')).toBe('no-store')
  const problem = JSON.parse(text)
  const requestId = reply.headers.get('x-request-id')
  expect(problem).toMatchObject({
    type: `/api/docs/faults#${problem.code}`,
    title: expect.any(String),
    status: reply.status,
    detail: expect.stringMatching(/\.$/),
    request_id: requestId,
  })
  expect(text).not.toMatch(/node_modules|\.ts:|FST_|SQLITE/)
  await vi.waitFor(async () => expect(await logged(requestId!)).toMatchObject([{ status: reply.status }]))
  return problem
}

/** The row of a request in the access log. It is written once the answer has been sent, so a reader may come too early. */
async function logged(search: string): Promise<readonly unknown[]> {
  const reply = await house.fetch(`/api/requests?search=${search}`, house.adminToken)
  return ((await reply.json()) as { requests: readonly unknown[] }).requests
}

/** Bytes as they are, answered as they came. */
async function raw(bytes: string): Promise<string> {
  const { hostname, port } = new URL(house.url)
  const socket = connect(Number(port), hostname)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  // A server that has refused may close while there is still something to send it.
  socket.on('error', () => socket.destroy())
  socket.end(bytes)
  await new Promise((resolve) => socket.once('close', resolve))
  return answer
}

describe('credentials', () => {
  const read = (authorization: string) => house.fetch('/api/rehearsal/lines', undefined, { headers: { authorization } })
  const scopeAll = { userName: ADMIN.name, scope: 'full', keys: [] } as const
  const access = () => house.gatehouse.store<AccessStore>('access')

  test('that are missing are asked for, by the scheme that is taken', async () => {
    const reply = await house.fetch('/api/rehearsal/lines', undefined)

    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse"')
    expect(await problemOf(reply)).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining('Bearer <token>') })
  })

  test.each([
    ['Basic, another scheme', 'Basic cm9vdDpyb290'],
    ['a scheme without a token', 'Bearer'],
    ['a token without a scheme', 'st_0123456789'],
    ['two tokens', 'Bearer one two'],
    ['a token that is garbled', 'Bearer st_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'],
    ['a JWT, which nobody here issued', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJyb290In0.'],
    ['a token as long as a header may be', `Bearer ${'a'.repeat(12_000)}`],
    ['a token with quotes and SQL', `Bearer ' OR 1=1 --`],
    ['an empty header', ''],
  ])('that are %s are refused', async (_title, authorization) => {
    const reply = await read(authorization)

    expect(reply.status).toBe(401)
    expect(reply.headers.get('www-authenticate')).toBe('Bearer realm="gatehouse", error="invalid_token"')
    expect((await problemOf(reply)).code).toBe('unauthorized')
  })

  test('that differ from a good token in one letter are refused', async () => {
    const last = house.adminToken.at(-1) === 'a' ? 'b' : 'a'

    expect((await read(`Bearer ${house.adminToken.slice(0, -1)}${last}`)).status).toBe(401)
    expect((await read(`Bearer ${house.adminToken}${last}`)).status).toBe(401)
    expect((await read(`Bearer ${house.adminToken.slice(0, -1)}`)).status).toBe(401)
  })

  test('may write the scheme in any case', async () => {
    expect((await read(`bEARER ${house.adminToken}`)).status).toBe(200)
  })

  test('are not taken from the query, where they would end up in logs', async () => {
    const reply = await house.fetch(`/api/rehearsal/lines?access_token=${house.adminToken}&token=${house.adminToken}`, undefined)

    expect(reply.status).toBe(401)
    expect(await logged(house.adminToken.slice(0, 30))).toEqual([])
  })

  test('of another gateway are refused', async () => {
    const other = await openTestHouse()

    expect((await read(`Bearer ${other.adminToken}`)).status).toBe(401)
  })

  test('are good until their last millisecond and refused from then on', async () => {
    const { token } = await createToken(access(), { ...scopeAll, label: 'short', expiresAt: clock.nowMs() + 1_000 })

    clock.advance(999)
    const before = await read(`Bearer ${token}`)
    clock.advance(1)
    const after = await read(`Bearer ${token}`)

    expect([before.status, after.status]).toEqual([200, 401])
  })

  test('that were revoked are refused from the next call on', async () => {
    const { token, id } = await createToken(access(), { ...scopeAll, label: 'revoked', expiresAt: null })
    const before = await read(`Bearer ${token}`)

    const revoked = await house.fetch(`/api/tokens/${id}`, house.adminToken, { method: 'DELETE' })

    expect([before.status, revoked.status, (await read(`Bearer ${token}`)).status]).toEqual([200, 200, 401])
  })

  test('are refused in one sentence, whatever is wrong with them', async () => {
    const { token } = await createToken(access(), { ...scopeAll, label: 'late', expiresAt: clock.nowMs() + 1 })
    clock.advance(1)

    const details = await Promise.all(
      [token, 'st_nonsense', house.adminToken.slice(0, -3)].map(
        async (one) => (await problemOf(await read(`Bearer ${one}`))).detail,
      ),
    )

    expect(new Set(details).size).toBe(1)
  })

  test('never stand in the server log', async () => {
    await read(`Bearer ${house.adminToken}x`)

    expect(JSON.stringify(house.lines)).not.toContain(house.adminToken)
  })
})

describe('a session', () => {
  const withCookie = (cookie: string, init: RequestInit = {}) =>
    house.fetch('/api/rehearsal/lines', undefined, { ...init, headers: { ...init.headers, cookie } })

  test.each([
    'gatehouse_session=',
    'gatehouse_session=nonsense',
    `gatehouse_session=${'a'.repeat(4_000)}`,
    'gatehouse_session=%00%ff',
    '=;;=',
    'other=1',
  ])('with the cookie %s is none', async (cookie) => {
    expect((await problemOf(await withCookie(cookie))).code).toBe('unauthorized')
  })

  test('ends with the sign-out', async () => {
    const { cookie, csrf } = await house.session()
    const before = await withCookie(cookie)

    await house.fetch('/sign-out', undefined, { method: 'POST', headers: { cookie, 'x-csrf-token': csrf }, redirect: 'manual' })

    expect([before.status, (await withCookie(cookie)).status]).toEqual([200, 401])
  })

  test('ends when it was idle for too long', async () => {
    const { cookie } = await house.session()

    clock.advance(DAY_MS)

    expect((await withCookie(cookie)).status).toBe(401)
  })

  test('does not help a token that is no good', async () => {
    const { cookie } = await house.session()

    expect((await withCookie(cookie, { headers: { authorization: 'Bearer nonsense' } })).status).toBe(401)
  })

  test.each([['nothing'], [''], ['x'.repeat(10_000)], ['ü']])('changes nothing with %j for its CSRF token', async (csrf) => {
    const { cookie } = await house.session()
    const headers = { cookie, ...(csrf !== 'nothing' && { 'x-csrf-token': encodeURIComponent(csrf) }) }

    const reply = await house.fetch('/api/rehearsal/lines/1', undefined, { method: 'DELETE', headers })

    expect((await problemOf(reply)).code).toBe('forbidden')
  })

  test('changes nothing with the CSRF token of another session', async () => {
    const [mine, foreign] = [await house.session(), await house.session()]
    const headers = { cookie: mine.cookie, 'x-csrf-token': foreign.csrf }

    expect((await house.fetch('/api/rehearsal/lines/1', undefined, { method: 'DELETE', headers })).status).toBe(403)
  })
})

describe('a password', () => {
  async function signIn(name: string, password: string): Promise<Response> {
    const form = await house.fetch('/sign-in', undefined)
    const cookie = form.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0]!)
      .find((pair) => pair.startsWith('gatehouse_form='))!
    const body = new URLSearchParams({ name, password, _csrf: cookie.split('=')[1]! })
    return house.fetch('/sign-in', undefined, { method: 'POST', headers: { cookie }, body, redirect: 'manual' })
  }
  const sessionCookie = (reply: Response) => reply.headers.getSetCookie().find((line) => line.startsWith('gatehouse_session='))

  test('that is wrong is refused like a name that does not exist, and leads to no session', async () => {
    const [wrong, nobody] = [await signIn(ADMIN.name, 'wrong'), await signIn('nobody', 'wrong')]
    const shown = async (reply: Response) =>
      (await reply.text())
        .replaceAll(ADMIN.name, 'NAME')
        .replaceAll('nobody', 'NAME')
        .replace(/name="_csrf" value="[^"]*"/, '')

    expect([wrong.status, nobody.status]).toEqual([401, 401])
    expect([sessionCookie(wrong), sessionCookie(nobody)]).toEqual([undefined, undefined])
    expect(await shown(wrong)).toBe(await shown(nobody))
  })

  test('that is right opens a session that scripts cannot read', async () => {
    const reply = await signIn(ADMIN.name, ADMIN.password)

    expect(reply.status).toBe(303)
    expect(sessionCookie(reply)).toMatch(/; HttpOnly; SameSite=Lax$/)
  })

  test('is not looked at any more after five failures, and the answer says when to come back', async () => {
    clock.advance(DAY_MS)
    for (let tried = 0; tried < 5; tried += 1) await signIn(ADMIN.name, `wrong ${tried}`)

    const locked = await signIn(ADMIN.name, ADMIN.password)
    clock.advance(DAY_MS)
    const later = await signIn(ADMIN.name, ADMIN.password)

    expect([locked.status, locked.headers.get('retry-after') !== null || (await locked.text()).includes('15 minutes')]).toEqual([
      429,
      true,
    ])
    expect(later.status).toBe(303)
  })

  test.each([
    ['a megabyte', 'x'.repeat(1_000_000), 413],
    ['ten thousand characters', 'x'.repeat(10_000), 401],
    ['a zero byte', 'a\0b', 401],
    ['empty', '', 401],
  ])('of %s is refused', async (_title, password, status) => {
    expect((await signIn(ADMIN.name, password)).status).toBe(status)
  })

  test('is not taken from a form that this browser did not ask for', async () => {
    const body = new URLSearchParams({ ...ADMIN, _csrf: 'a'.repeat(32) })
    const reply = await house.fetch('/sign-in', undefined, { method: 'POST', body, redirect: 'manual' })

    expect([reply.status, sessionCookie(reply)]).toEqual([403, undefined])
  })

  test('never stands in the server log', () => {
    expect(JSON.stringify(house.lines)).not.toContain(ADMIN.password)
  })
})

describe('a body', () => {
  const put = (body: RequestInit['body'], contentType = 'application/json') =>
    house.fetch('/api/rehearsal/ghost/lines', house.adminToken, {
      method: 'PUT',
      headers: { 'content-type': contentType },
      body: body!,
    })

  test.each([
    ['JSON that ends early', '{"text": "a"'],
    ['JSON with a comment', '{"text": "a" /* b */}'],
    ['JSON with something after it', '{"text":"a"} {"text":"b"}'],
    ['JavaScript', '{text: "a"}'],
    ['a number that JSON does not have', '{"text": NaN}'],
    ['a prototype', '{"text":"a","__proto__":{"loud":true}}'],
    ['a constructor with a prototype', '{"text":"a","constructor":{"prototype":{"loud":true}}}'],
    ['a form', 'text=a'],
    ['bytes that are no text', new Uint8Array([0xff, 0xfe, 0x00, 0x01])],
  ])('of %s is refused', async (_title, body) => {
    expect(await problemOf(await put(body))).toMatchObject({ code: 'invalid', detail: expect.stringContaining('JSON') })
  })

  test.each([
    ['a batch', '[{"text":"a"},{"text":"b"}]'],
    ['a text', '"text"'],
    ['a number', '5'],
    ['null', 'null'],
    ['nothing at all', ''],
    ['a field of the wrong type', '{"text": 5}'],
    ['a field that is null', '{"text": null}'],
    ['a misspelt field', '{"text":"a","luod":true}'],
    ['a field that is too long', `{"text":"${'x'.repeat(201)}"}`],
    ['a missing field', '{}'],
  ])('of %s is refused by the door, and recorded', async (_title, body) => {
    const reply = await put(body)

    expect((await problemOf(reply)).code).toBe('invalid')
    expect(store.seen.find(({ visit }) => visit.requestId === reply.headers.get('x-request-id'))).toMatchObject({
      ending: { outcome: 'invalid', stage: 'parse' },
    })
  })

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=a',
    'application/xml',
    'nonsense',
    'application/jsonp',
  ])('that says it is %s is refused with 415', async (contentType) => {
    const reply = await put('{"text":"a"}', contentType)

    expect([reply.status, (await problemOf(reply)).code]).toEqual([415, 'invalid'])
  })

  test.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json'])(
    'that says it is %s is taken',
    async (contentType) => {
      expect((await put('{"text":"a"}', contentType)).status).toBe(200)
    },
  )

  test('larger than the limit is refused with 413, whether it says so or not', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(LIMIT_BYTES) })
    const stream = new Blob([body]).stream()
    const chunked = house.fetch('/api/rehearsal/ghost/lines', house.adminToken, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: stream,
      duplex: 'half',
    } as RequestInit)

    expect((await problemOf(await put(body))).code).toBe('too_large')
    expect((await problemOf(await chunked)).code).toBe('too_large')
  })

  test.each([
    [400, 200],
    [30_000, 400],
  ])('nested %i deep for a tool that takes anything is answered with %i', async (depth, status) => {
    const name = 'echo__say'
    const definition = { name, inputSchema: { type: 'object' } }
    const run: Tool['run'] = async ({ arguments: args }) => ({ kind: 'relay', result: { content: [], structuredContent: args } })
    const common = {
      source: 'echo',
      localName: 'say',
      kind: 'dynamic',
      permit: `tool:${name}`,
      effect: 'write',
      idempotent: false,
    } as const
    offerTools(store, [{ ...common, name, definition, parse: (raw) => raw, run }])
    const body = `{"x":${'['.repeat(depth)}${']'.repeat(depth)}}`

    const reply = await house.fetch('/api/tools/echo/say', house.adminToken, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })

    expect(reply.status).toBe(status)
    expect(await reply.text()).toContain(status === 200 ? body : 'nested deeper than 500 levels')
  })

  test('with five thousand misspelt fields is refused in an answer of bearable size', async () => {
    const body = JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`f${index}`, 1])))
    const problem = await problemOf(await put(body))

    expect(problem.code).toBe('invalid')
    expect(problem.detail.length).toBeLessThan(2_000)
  })
})

describe('an address', () => {
  test.each([
    ['is not there', 'GET', '/api/nothing', 404, 'not_found'],
    ['is there, but not for this method', 'PATCH', '/api/rehearsal/lines', 405, 'invalid'],
    ['has a broken escape', 'GET', '/api/tools/%zz/%', 400, 'invalid'],
    ['has a name longer than 512 characters', 'POST', `/api/tools/files/${'x'.repeat(600)}`, 414, 'invalid'],
    ['names a tool that is not there', 'POST', '/api/tools/files/nothing', 404, 'not_found'],
    ['names a tool of 200 characters', 'POST', `/api/tools/files/${'x'.repeat(200)}`, 404, 'not_found'],
    [
      'names a tool that is HTML',
      'POST',
      `/api/tools/files/${encodeURIComponent('<script>alert(1)</script>')}`,
      404,
      'not_found',
    ],
    ['names a tool with a zero byte', 'POST', '/api/tools/files/%00', 404, 'not_found'],
    ['names what every object has', 'POST', '/api/tools/__proto__/constructor', 404, 'not_found'],
    ['climbs', 'GET', '/api/tools/..%2f..%2fetc/passwd', 404, 'not_found'],
    ['has a number that is none', 'DELETE', '/api/rehearsal/lines/NaN', 400, 'invalid'],
    ['has a number beyond all numbers', 'DELETE', '/api/rehearsal/lines/1e999', 400, 'invalid'],
    ['has a field twice that is no list', 'GET', '/api/rehearsal/lines?limit=1&limit=2', 400, 'invalid'],
    ['has a misspelt field', 'GET', '/api/rehearsal/lines?limti=1', 400, 'invalid'],
    ['has a field that every object has', 'GET', '/api/rehearsal/lines?__proto__=1', 400, 'invalid'],
  ])('that %s: %s %s is refused with %i', async (_title, method, path, status, code) => {
    const reply = await house.fetch(path, house.adminToken, { method })

    expect([reply.status, (await problemOf(reply)).code]).toEqual([status, code])
  })

  test('that is not there for a method says which there are', async () => {
    const reply = await house.fetch('/api/rehearsal/lines', house.adminToken, { method: 'PATCH' })

    expect(reply.headers.get('allow')).toBe('GET, HEAD')
  })

  test.each([
    ['another host, as DNS rebinding sends it', { host: 'evil.example' }],
    ['a host that begins like loopback', { host: '127.0.0.1.evil.example' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['an origin that begins like loopback', { origin: 'http://127.0.0.1.evil.example' }],
    ['the origin null', { origin: 'null' }],
  ])('asked for by %s is refused before credentials are looked at', async (_title, headers) => {
    const lines = Object.entries({ host: new URL(house.url).host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)

    const reply = await raw(
      `GET /api/tools HTTP/1.1\r\n${lines.join('')}authorization: Bearer ${house.adminToken}\r\nconnection: close\r\n\r\n`,
    )

    expect(reply).toMatch(/^HTTP\/1\.1 403 /)
    expect(reply).toContain('"code":"forbidden"')
  })
})

describe('bytes that are no request', () => {
  test.each([
    ['garbage', 'garbage\r\n\r\n'],
    ['a method that HTTP does not have', 'FROB /api/tools HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'],
    ['a header without end', `GET /api/tools HTTP/1.1\r\nhost: 127.0.0.1\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`],
    ['two lengths', 'POST /api/tools/a/b HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}'],
    [
      'a length and chunks, as request smuggling sends them',
      'POST /api/tools/a/b HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a length that is no number', 'POST /api/tools/a/b HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: all\r\n\r\n{}'],
  ])('%s are answered with a 4xx and the connection ends', async (_title, bytes) => {
    expect(await raw(bytes)).toMatch(/^HTTP\/1\.1 4\d\d /)
  })

  test('a body that breaks off leaves no call running', async () => {
    const before = store.seen.length
    const head = `PUT /api/rehearsal/ghost/lines HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${house.adminToken}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n`

    await raw(`${head}{"text":`)

    expect(store.seen.length).toBe(before)
  })
})
