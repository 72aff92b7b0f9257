import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { connect } from './client.ts'
import { serveWorld } from './world.ts'

const METHODS = [
  'ping',
  'tools/list',
  'tools/call',
  'prompts/list',
  'prompts/get',
  'resources/read',
  'resources/subscribe',
  'completion/complete',
  'tasks/get',
  'logging/setLevel',
  'initialize',
  'notifications/cancelled',
  'notifications/roots/list_changed',
  'toString',
]

/** Something shaped like a message, any part of which may be anything. */
const almostMessage = fc.record(
  {
    jsonrpc: fc.oneof(fc.constant('2.0'), fc.jsonValue()),
    id: fc.oneof(fc.integer(), fc.string(), fc.jsonValue()),
    method: fc.oneof(fc.constantFrom(...METHODS), fc.jsonValue()),
    params: fc.oneof(
      fc.record(
        {
          name: fc.oneof(fc.constantFrom('demo__relay', 'demo__chat', 'thing_echo'), fc.jsonValue()),
          arguments: fc.jsonValue(),
          uri: fc.oneof(fc.constantFrom('test://a', 'test://t/1'), fc.jsonValue()),
          ref: fc.oneof(fc.record({ type: fc.constantFrom('ref/prompt', 'ref/resource'), name: fc.jsonValue() }), fc.jsonValue()),
          taskId: fc.jsonValue(),
          cursor: fc.jsonValue(),
          level: fc.jsonValue(),
          requestId: fc.jsonValue(),
          _meta: fc.oneof(fc.record({ progressToken: fc.jsonValue() }), fc.jsonValue()),
        },
        { requiredKeys: [] },
      ),
      fc.jsonValue(),
    ),
  },
  { requiredKeys: [] },
)

describe('Whatever a client sends in a session', () => {
  it.each(['2025-03-26', '2025-11-25'])('is answered, and never by a bug (%s)', async (revision) => {
    const { url, lines } = await serveWorld()
    const session = await connect(url, 'alice-token', revision)

    await fc.assert(
      fc.asyncProperty(fc.oneof(almostMessage, fc.array(almostMessage, { maxLength: 4 }), fc.jsonValue()), async (body) => {
        const answer = await session.post(JSON.stringify(body))
        expect([200, 202, 400]).toContain(answer.status)
        expect(answer.text).not.toContain('-32603')
      }),
      { numRuns: 300 },
    )

    expect(lines.filter(({ event }) => /bug|failed/.test(event))).toEqual([])
    expect(await session.request('ping')).toMatchObject({ result: {} })
  })

  it('comes back with the id that it had', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, 'alice-token')

    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.double({ noNaN: true, min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
          fc.string({ unit: 'binary' }),
        ),
        async (id) => {
          const answer = await session.post({ jsonrpc: '2.0', id, method: 'ping' })
          expect(answer.text).toBe(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{}}`)
        },
      ),
      { numRuns: 200 },
    )
  })
})
