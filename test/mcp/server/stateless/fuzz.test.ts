import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { ask, Listener, send } from '../client.ts'
import { serveWorld } from '../world.ts'
import { headersOf, message, peer } from './peer.ts'

const ALICE = 'alice-token'
const META = 'io.modelcontextprotocol'

/** All but `subscriptions/listen`, whose answer has no end. */
const METHODS = [
  'server/discover',
  'tools/list',
  'tools/call',
  'prompts/get',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'completion/complete',
  'tasks/get',
  'tasks/update',
  'initialize',
  'toString',
]

const any = fc.jsonValue()

const params = fc.record(
  {
    name: fc.oneof(fc.constantFrom('demo__relay', 'demo__chat', 'thing_echo', 'demo__greet'), any),
    uri: fc.oneof(fc.constantFrom('test://a', 'test://t/1'), any),
    arguments: any,
    ref: fc.oneof(fc.record({ type: fc.constantFrom('ref/prompt', 'ref/resource'), name: any, uri: any }), any),
    argument: any,
    taskId: any,
    cursor: any,
    inputResponses: fc.oneof(fc.record({ a: any }), any),
    requestState: any,
  },
  { requiredKeys: [] },
)

const envelope = fc.record(
  {
    [`${META}/protocolVersion`]: fc.oneof(fc.constant('2026-07-28'), any),
    [`${META}/clientCapabilities`]: fc.oneof(fc.constantFrom({}, { extensions: { [`${META}/tasks`]: {} } }), any),
    [`${META}/clientInfo`]: fc.oneof(fc.record({ name: fc.string() }), any),
    [`${META}/logLevel`]: fc.oneof(fc.constantFrom('debug', 'error'), any),
    progressToken: any,
  },
  { requiredKeys: [] },
)

/** What HTTP lets into a header; Node itself refuses the rest. */
const headerText = fc.string().map((text) => text.replaceAll(/[^\t\x20-\x7e]/g, '.'))

describe('Whatever a client without a session sends', () => {
  it('is answered, and never by a bug', async () => {
    const { url, lines } = await serveWorld()

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...METHODS),
        params,
        envelope,
        fc.option(headerText),
        async (method, given, meta, header) => {
          const body = { jsonrpc: '2.0', id: 1, method, params: { ...given, _meta: meta } }
          const headers = { ...headersOf(method), ...(header !== null && { 'mcp-name': header, 'mcp-param-x': header }) }
          const answer = await ask(url, ALICE, { body, headers })
          expect([200, 400, 404, 429]).toContain(answer.status)
          expect(answer.text).not.toContain('-32603')
        },
      ),
      { numRuns: 200 },
    )

    expect(lines.filter(({ event }) => /bug|failed/.test(event))).toEqual([])
  })

  it('gets results and errors under the id that it gave', async () => {
    const { url } = await serveWorld()

    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.integer(), fc.string()), fc.boolean(), async (id, exists) => {
        const method = exists ? 'tools/list' : 'none/such'
        const { json } = await ask(url, ALICE, { body: message(id, method, {}), headers: headersOf(method) })
        expect(json.id).toBe(id)
      }),
      { numRuns: 50 },
    )
  })

  it('may break off after any byte of the answer, and nothing of it is left', async () => {
    const { url, server } = await serveWorld()
    const call = { name: 'demo__chat', arguments: {} }
    const whole = (await peer(url, ALICE).post('tools/call', call, { meta: { progressToken: 1 } })).text

    for (let length = 0; length < whole.length; length += 7) {
      const body = message(length, 'tools/call', call, { meta: { progressToken: 1 } })
      const stream = new Listener(await send(url, ALICE, { body, headers: headersOf('tools/call', call) }))
      stream.response.on('data', () => {
        if (stream.text.length >= length) stream.hangUp()
      })
    }

    await vi.waitFor(() => expect(server.requestsInFlight).toBe(0))
  })
})
