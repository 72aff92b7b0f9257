import { describe, expect, it } from 'vitest'
import { ask } from '../client.ts'
import { serveWorld } from '../world.ts'
import { headersOf, message, peer } from './peer.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'
const META = 'io.modelcontextprotocol'

describe('A request of the stateless era', () => {
  it('needs no session: tools are listed, with what says how long the list may be kept', async () => {
    const { url, server } = await serveWorld()

    const { status, headers, json } = await peer(url, ALICE).post('tools/list')

    expect(status).toBe(200)
    expect(headers).not.toHaveProperty('mcp-session-id')
    expect(json.result).toMatchObject({
      resultType: 'complete',
      ttlMs: 0,
      cacheScope: 'private',
      _meta: { [`${META}/serverInfo`]: { name: 'gatehouse', version: '0.0.0' } },
    })
    expect(json.result.tools).toContainEqual(expect.objectContaining({ name: 'demo__chat', 'x-kept': 1 }))
    expect(server.sessions).toBe(0)
  })

  it('lists to each caller what that caller may call', async () => {
    const { url } = await serveWorld()

    const { result } = await peer(url, BOB).request('tools/list')

    expect(result.tools.map(({ name }: { name: string }) => name)).toEqual(['thing_echo', 'thing_find'])
  })

  it('learns from server/discover which revisions there are, and what is served', async () => {
    const { url } = await serveWorld()

    const { result } = await peer(url, ALICE).request('server/discover')

    expect(result).toMatchObject({
      resultType: 'complete',
      supportedVersions: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'],
      capabilities: { tools: { listChanged: true } },
      instructions: expect.stringContaining('tools'),
      ttlMs: 0,
      cacheScope: 'private',
    })
  })

  it('is served without an introduction of its client', async () => {
    const { url } = await serveWorld()
    const body = message(1, 'server/discover', {}, { meta: { [`${META}/clientInfo`]: undefined } })

    const { status, json } = await ask(url, ALICE, { body, headers: headersOf('server/discover') })

    expect(status, JSON.stringify(json)).toBe(200)
  })

  it('gets a result as the upstream sent it, with what the era adds', async () => {
    const { url } = await serveWorld()

    const { result } = await peer(url, ALICE).request('tools/call', { name: 'demo__relay', arguments: {} })

    expect(result).toEqual({
      resultType: 'complete',
      content: [{ type: 'x-hologram', cubes: 3 }],
      structuredContent: [1],
      'x-field': { deep: null },
      _meta: { [`${META}/serverInfo`]: { name: 'gatehouse', title: 'Gatehouse', version: '0.0.0' } },
    })
  })

  it('gets an operation of the gateway as text and as structured content', async () => {
    const { url } = await serveWorld()

    const { result } = await peer(url, ALICE).request('tools/call', { name: 'thing_echo', arguments: { text: 'hi' } })

    expect(result).toMatchObject({ resultType: 'complete', structuredContent: { text: 'hi' } })
  })

  it('reads why it was refused in a result', async () => {
    const { url } = await serveWorld()

    const { result } = await peer(url, BOB).request('tools/call', { name: 'demo__relay', arguments: {} })

    expect(result).toMatchObject({ resultType: 'complete', isError: true, _meta: { 'gatehouse/fault': { code: 'forbidden' } } })
  })

  it('hears progress only if it gave a token, and log messages only from the level on that it named', async () => {
    const { url } = await serveWorld()
    const client = peer(url, ALICE)
    const call = { name: 'demo__chat', arguments: {} }

    const quiet = await client.post('tools/call', call)
    const loud = await client.post('tools/call', call, { meta: { progressToken: 7, [`${META}/logLevel`]: 'error' } })

    expect(quiet.events.map(({ method }) => method)).toEqual(['notifications/x-unknown', undefined])
    expect(loud.events).toMatchObject([
      { method: 'notifications/progress', params: { progressToken: 7, message: 'half', 'x-kept': true } },
      { method: 'notifications/message', params: { level: 'error' } },
      { method: 'notifications/x-unknown' },
      { result: { content: [{ text: 'said it all' }] } },
    ])
  })

  it('is told apart from a session, which goes on beside it', async () => {
    const { url } = await serveWorld()
    const body = {
      jsonrpc: '2.0',
      id: 1,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'a', version: '1' } },
    }

    const { status, headers } = await ask(url, ALICE, { body })

    expect(status).toBe(200)
    expect(headers['mcp-session-id']).toBeTypeOf('string')
  })
})
