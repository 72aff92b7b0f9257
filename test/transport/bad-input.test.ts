import { connect } from 'node:net'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Tool } from '../../src/contract/tool.ts'
import { expectUnharmed, problemOf } from '../fixture/problem.ts'
import { offerTools, type RehearsalStore, rehearsal } from '../fixture/rehearsal.ts'
import { openTestHouse, type TestHouse } from '../support.ts'

const LIMIT_BYTES = 65_536

let house: TestHouse
let store: RehearsalStore

beforeAll(async () => {
  house = await openTestHouse({ extra: [rehearsal], http: { bodyLimitBytes: LIMIT_BYTES }, until: 'suite' })
  store = house.gatehouse.store<RehearsalStore>('rehearsal')
})

afterEach(() => expectUnharmed(house))

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
    expect(await problemOf(house, await put(body))).toMatchObject({ code: 'invalid', detail: expect.stringContaining('JSON') })
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

    expect((await problemOf(house, reply)).code).toBe('invalid')
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

    expect([reply.status, (await problemOf(house, reply)).code]).toEqual([415, 'invalid'])
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

    expect((await problemOf(house, await put(body))).code).toBe('too_large')
    expect((await problemOf(house, await chunked)).code).toBe('too_large')
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
    const problem = await problemOf(house, await put(body))

    expect(problem.code).toBe('invalid')
    expect(problem.detail.length).toBeLessThan(2_000)
  })
})

describe('an address', () => {
  test.each([
    ['is not there', 'GET', '/api/nothing', 404, 'not_found'],
    ['is there, but not for this method', 'PATCH', '/api/rehearsal/lines', 405, 'invalid'],
    ['is asked by a method that needs a content type', 'QUERY', '/api/tools', 400, 'invalid'],
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

    expect([reply.status, (await problemOf(house, reply)).code]).toEqual([status, code])
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
