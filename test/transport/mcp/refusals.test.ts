import { describe, expect, it } from 'vitest'
import { ask, connect, hello } from '../../mcp/server/client.ts'
import { openHouse } from './house.ts'

const ALICE = 'alice-token'
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' }

describe('What MCP over HTTP refuses before a session is looked at', () => {
  it('is a request without credentials, with a challenge', async () => {
    const { url } = await openHouse()

    const answer = await ask(`${url}/mcp`, undefined, { body: hello() })

    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/)
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: 4010 } })
  })

  it.each(['carol-token', 'garbage', 'bob-token-'])('is the unknown token %s', async (token) => {
    const { url } = await openHouse()

    const answer = await ask(`${url}/mcp`, token, { body: hello() })

    expect(answer.status).toBe(401)
    expect(answer.headers['www-authenticate']).toContain('error="invalid_token"')
  })

  it('is a token of another scheme', async () => {
    const { url } = await openHouse()

    const answer = await ask(`${url}/mcp`, undefined, { body: hello(), headers: { authorization: 'Basic YWxpY2U6eA==' } })

    expect(answer.status).toBe(401)
  })

  it('is a revoked token in the middle of a session', async () => {
    const { url, demo } = await openHouse()
    const session = await connect(`${url}/mcp`, ALICE)

    demo.setRights('alice', undefined)

    expect((await session.post(ping)).status).toBe(401)
  })

  it('is a body that is no JSON', async () => {
    const { url } = await openHouse()

    const answer = await ask(`${url}/mcp`, ALICE, { body: '{"jsonrpc":' })

    expect(answer.status).toBe(400)
    expect(answer.json).toMatchObject({ id: null, error: { code: -32_700 } })
  })

  it('is a body larger than the limit', async () => {
    const { url } = await openHouse({ bodyLimitBytes: 2_000 })

    const answer = await ask(`${url}/mcp`, ALICE, { body: JSON.stringify({ ...ping, params: { fill: 'x'.repeat(3_000) } }) })

    expect(answer.status).toBe(413)
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', error: { code: 4_130 } })
  })

  it.each([['text/plain'], ['application/xml'], [undefined]])('is the content type %s', async (type) => {
    const { url } = await openHouse()

    const answer = await ask(`${url}/mcp`, ALICE, { body: hello(), headers: { 'content-type': type } })

    expect(answer.status).toBe(415)
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32_600 } })
  })

  it('takes a content type with parameters', async () => {
    const { url } = await openHouse()

    const answer = await ask(`${url}/mcp`, ALICE, {
      body: hello(),
      headers: { 'content-type': 'application/json; charset=utf-8' },
    })

    expect(answer.status).toBe(200)
  })

  it.each([['application/json'], ['text/event-stream'], ['text/html'], [undefined]])(
    'is the Accept header %s',
    async (accept) => {
      const { url } = await openHouse()

      const answer = await ask(`${url}/mcp`, ALICE, { body: hello(), headers: { accept } })

      expect(answer.status).toBe(406)
    },
  )

  it.each([
    ['a foreign Host', { host: 'evil.example' }],
    ['a foreign Origin', { origin: 'http://evil.example' }],
    ['an opaque Origin', { origin: 'null' }],
  ])('is %s', async (_what, headers) => {
    const { url } = await openHouse()

    const answer = await ask(`${url}/mcp`, ALICE, { body: hello(), headers })

    expect(answer.status).toBe(403)
    expect(answer.json).toMatchObject({ jsonrpc: '2.0', error: { code: 4_030 } })
  })

  it('lets a listed Origin read the answer', async () => {
    const { url } = await openHouse({ allowedOrigins: ['https://chat.example.com'] })

    const answer = await ask(`${url}/mcp`, ALICE, { body: hello(), headers: { origin: 'https://chat.example.com' } })

    expect(answer.status).toBe(200)
    expect(answer.headers['access-control-allow-origin']).toBe('https://chat.example.com')
    expect(answer.headers['access-control-expose-headers']).toContain('mcp-session-id')
  })

  it.each(['PUT', 'PATCH'])('is the method %s', async (method) => {
    const { url } = await openHouse()

    const answer = await ask(`${url}/mcp`, ALICE, { method, body: ping })

    expect(answer.status).toBe(405)
    expect(answer.headers.allow).toBe('POST, GET, DELETE')
  })

  it('carries the request id in every answer', async () => {
    const { url } = await openHouse()

    const answer = await ask(`${url}/mcp`, ALICE, { body: ping })

    expect(answer.status).toBe(400)
    expect(answer.json.error.data.requestId).toBe(answer.headers['x-request-id'])
  })
})
