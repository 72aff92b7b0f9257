import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPeer } from '../../../src/mcp/client/peer.ts'
import { createTimerWheel } from '../../../src/mcp/client/timer-wheel.ts'

const OUR_ID = 1
const id = fc.oneof(fc.constant(OUR_ID), fc.integer(), fc.string(), fc.constant(null), fc.jsonValue())
const method = fc.oneof(
  fc.constantFrom(
    'ping',
    'roots/list',
    'notifications/progress',
    'notifications/cancelled',
    'notifications/subscriptions/acknowledged',
  ),
  fc.string(),
  fc.jsonValue(),
)
const params = fc.oneof(
  fc.record({
    requestId: id,
    progressToken: id,
    _meta: fc.oneof(fc.record({ 'io.modelcontextprotocol/subscriptionId': id }), fc.jsonValue()),
  }),
  fc.jsonValue(),
)
const message = fc.oneof(
  fc.record({ id, method, params }, { requiredKeys: [] }),
  fc.record({ id, result: fc.jsonValue(), error: fc.jsonValue() }, { requiredKeys: [] }),
  fc.jsonValue(),
)

describe('our half of a conversation', () => {
  it('stands whatever the other half says, and ends with nothing left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(message, fc.constantFrom(undefined, OUR_ID, 99)), { maxLength: 20 }), async (said) => {
        const wheel = createTimerWheel()
        const listener = { notification() {}, ignored() {}, request: async () => ({}), mayAsk: true }
        const peer = createPeer({ send() {}, abandon() {}, listener, wheel })
        const asked = peer.request('tools/call', {}, { idleTimeoutMs: 60_000, onRequest: async () => ({}) }).catch(() => 'failed')

        for (const [each, origin] of said) peer.receive(each, origin)
        peer.failAll(new Error('over') as never)

        expect(await asked).toBeDefined()
        await new Promise(setImmediate)
        expect([peer.pendingCount, peer.askedCount, wheel.size]).toEqual([0, 0, 0])
      }),
      { numRuns: 300 },
    )
  })
})
