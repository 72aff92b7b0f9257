import fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { startWhateverUpstream } from '../../fixture/upstream/whatever-upstream.ts'
import { openTestHouse } from '../../support.ts'
import { openRelayClient, type RelayClient } from './relay-client.ts'

type Fields = Readonly<Record<string, unknown>>

const ERAS = ['session', 'stateless'] as const
const COMBINATIONS = ERAS.flatMap((client) => ERAS.map((server) => [client, server] as const))

/** What the protocol itself gives a meaning; what becomes of these is said in `protocol.md`. */
const RESERVED = ['_meta', 'resultType', 'ttlMs', 'cacheScope', 'nextCursor', 'icons', '__proto__']

const unknown = fc
  .dictionary(
    fc.string({ minLength: 1, maxLength: 12 }).filter((key) => !RESERVED.includes(key)),
    fc.jsonValue({ maxDepth: 3 }),
    { maxKeys: 5 },
  )
  .map((fields) => JSON.parse(JSON.stringify(fields)) as Fields)
const meta = unknown.map((fields) => ({ 'x.example/own': fields }))
const block = fc.oneof(
  fc.record({ more: unknown, text: fc.string() }).map(({ more, text }) => ({ ...more, type: 'text', text })),
  unknown.map((fields) => ({ ...fields, type: 'x-unknown-block' })),
  unknown.map((fields) => ({ ...fields, type: 'resource_link', uri: 'whatever://linked', name: 'linked' })),
)

const callResult = fc
  .record({ more: unknown, content: fc.array(block, { maxLength: 4 }), structuredContent: unknown, _meta: meta })
  .map(({ more, ...known }) => ({ ...more, ...known }))
const promptResult = fc.record({ more: unknown, content: block, _meta: meta }).map(({ more, content, _meta }) => ({
  ...more,
  messages: [{ ...more, role: 'user', content }],
  _meta,
}))
const readResult = fc.record({ more: unknown, text: fc.string(), _meta: meta }).map(({ more, text, _meta }) => ({
  ...more,
  contents: [{ ...more, uri: 'whatever://one', text }],
  _meta,
}))

/** What comes before and between: a definition of each kind, full of what nobody knows. */
const definitions = fc.record({ more: unknown, _meta: meta }).map(({ more, _meta }) => ({
  tools: [{ ...more, name: 'one', inputSchema: { ...more, type: 'object' }, annotations: more, _meta }],
  prompts: [{ ...more, name: 'one', _meta }],
  resources: [{ ...more, uri: 'whatever://one', name: 'one', _meta }],
  resourceTemplates: [{ ...more, uriTemplate: 'whatever://{+rest}', name: 'rest', _meta }],
}))

describe.each(COMBINATIONS)('For a client of the %s era and a server of the %s era', (clientEra, serverEra) => {
  async function open(lists: Readonly<Record<string, readonly Fields[]>>) {
    const upstream = await startWhateverUpstream(serverEra)
    onTestFinished(() => upstream.close())
    for (const [key, entries] of Object.entries(lists)) {
      upstream.answers.set(key === 'resourceTemplates' ? 'resources/templates/list' : `${key}/list`, { [key]: entries })
    }
    const servers = { whatever: { transport: 'http', url: upstream.url, era: serverEra } }
    const house = await openTestHouse({ settings: { upstream: upstreamSettings.parse({ servers }) } })
    await vi.waitFor(() => expect(house.gatehouse.catalog.findTool('whatever__one')).toBeDefined(), { timeout: 10_000 })
    return { upstream, client: await openRelayClient(house, '/mcp/s/whatever', clientEra) }
  }

  it('every result arrives as it was sent, and every argument and field of a request', async () => {
    const { upstream, client } = await open(fc.sample(definitions, { numRuns: 1, seed: 1 })[0]!)
    const cases = fc.tuple(callResult, promptResult, readResult, unknown, meta)

    await fc.assert(
      fc.asyncProperty(cases, async ([called, got, read, args, own]) => {
        const expectSame = async (method: string, params: Fields, result: Fields): Promise<void> => {
          upstream.answers.set(method, result)
          expect(await client.request(method, { ...params, _meta: own })).toEqual(result)
          expect(upstream.asked.get(method)).toMatchObject({ ...params, _meta: own })
        }
        await expectSame('tools/call', { name: 'one', arguments: args, 'x-field': args }, called)
        await expectSame('prompts/get', { name: 'one', 'x-field': args }, got)
        await expectSame('resources/read', { uri: 'whatever://one', 'x-field': args }, read)
      }),
      { numRuns: 30 },
    )
  })

  it('every definition is listed as it was sent', async () => {
    const [lists] = fc.sample(definitions, { numRuns: 1, seed: Date.now() })
    const { client } = await open(lists!)

    expect(await listsOf(client)).toEqual(lists)
  })
})

async function listsOf(client: RelayClient) {
  const read = async (method: string, key: string) => [key, (await client.request(method, {}))[key]] as const
  return Object.fromEntries([
    await read('tools/list', 'tools'),
    await read('prompts/list', 'prompts'),
    await read('resources/list', 'resources'),
    await read('resources/templates/list', 'resourceTemplates'),
  ])
}
