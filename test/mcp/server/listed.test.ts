import { describe, expect, it, vi } from 'vitest'
import { ask, connect, hello } from './client.ts'
import { serveWorld } from './world.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'

describe('The lists of prompts, resources and templates', () => {
  it.each([
    ['prompts/list', { prompts: [{ title: 'Title of greet', 'x-kept': 1, name: 'demo__greet' }] }],
    ['resources/list', { resources: [{ uri: 'test://a' }, { uri: 'test://gone' }] }],
    ['resources/templates/list', { resourceTemplates: [{ uriTemplate: 'test://t/{id}', 'x-kept': 1 }] }],
  ])('%s shows what the caller may use, by the names of all sources', async (method, expected) => {
    const { url } = await serveWorld()

    expect((await (await connect(url, ALICE)).request(method)).result).toMatchObject(expected)
    expect(Object.values((await (await connect(url, BOB)).request(method)).result)).toEqual([[]])
  })

  it('shows the names of the source at its own address', async () => {
    const { url } = await serveWorld()
    const session = await connect(`${url}/s/demo`, ALICE)

    expect((await session.request('prompts/list')).result.prompts).toMatchObject([{ name: 'greet' }])
  })

  it('takes no cursor of another list', async () => {
    const { url, demo } = await serveWorld({ limits: { toolsPerPage: 1 } })
    const session = await connect(url, ALICE)
    demo.setListed({ prompt: ['a', 'b'], resource: ['a:a', 'b:b'], template: [] })

    const { nextCursor } = (await session.request('prompts/list')).result

    expect((await session.request('prompts/list', { cursor: nextCursor })).result.prompts).toMatchObject([{ name: 'demo__b' }])
    expect(await session.request('resources/list', { cursor: nextCursor })).toMatchObject({ error: { code: -32_602 } })
  })

  it('tell of their changes, each by its own name and only where it changed', async () => {
    const { url, demo } = await serveWorld()
    const stream = await (await connect(url, ALICE)).listen()
    const elsewhere = await (await connect(`${url}/s/thing`, ALICE)).listen()

    demo.setListed({ prompt: ['greet'], resource: ['test://a', 'test://gone'], template: ['test://t/{id}', 'test://u/{id}'] })
    await vi.waitFor(() => expect(stream.events).toHaveLength(1))
    demo.setListed({ prompt: [], resource: ['test://a', 'test://gone'], template: ['test://t/{id}', 'test://u/{id}'] })
    await vi.waitFor(() => expect(stream.events).toHaveLength(2))

    expect(stream.events).toMatchObject([
      { method: 'notifications/resources/list_changed' },
      { method: 'notifications/prompts/list_changed' },
    ])
    expect(elsewhere.events).toEqual([])
    for (const open of [stream, elsewhere]) open.hangUp()
  })
})

describe('What is asked of a source', () => {
  it.each([
    ['prompts/get', { name: 'demo__greet', arguments: { who: 'you' }, 'x-more': 1 }, 'prompt:demo__greet', { who: 'you' }, true],
    ['resources/read', { uri: 'test://a', 'x-more': 1 }, 'resource:demo__test://a', { uri: 'test://a' }, true],
    ['resources/read', { uri: 'test://t/7', 'x-more': 1 }, 'resource:demo__test://t/{id}', { uri: 'test://t/7' }, true],
    [
      'completion/complete',
      { ref: { type: 'ref/prompt', name: 'demo__greet' }, argument: { name: 'who', value: 'h' }, context: {}, 'x-more': 1 },
      'completion:prompt:demo__greet',
      { argument: { name: 'who', value: 'h' }, context: {} },
      true,
    ],
    [
      'completion/complete',
      { ref: { type: 'ref/resource', uri: 'test://t/{id}' }, argument: { name: 'id', value: '' }, 'x-more': 1 },
      'completion:resource:demo__test://t/{id}',
      { argument: { name: 'id', value: '' } },
      true,
    ],
    [
      'resources/subscribe',
      { uri: 'test://a', 'x-more': 1 },
      'subscription:resource:demo__test://a',
      { on: true, uri: 'test://a' },
      true,
    ],
    [
      'resources/unsubscribe',
      { uri: 'test://a', 'x-more': 1 },
      'subscription:resource:demo__test://a',
      { on: false, uri: 'test://a' },
      true,
    ],
    ['tasks/get', { taskId: 't-1', x: 1 }, 'task:t-1', { method: 'tasks/get', params: { taskId: 't-1', x: 1 } }, false],
    ['tasks/list', { cursor: 'c' }, 'task:list', { method: 'tasks/list', params: { cursor: 'c' } }, false],
  ])('by %s %j passes the door', async (method, params, name, args, more) => {
    const { url, demo } = await serveWorld()
    const session = await connect(url, ALICE)

    expect(await session.request(method, params)).toHaveProperty('result')

    expect(demo.visits).toMatchObject([{ tool: { name }, arguments: args, client: { takesInputRequired: false } }])
    expect(demo.visits[0]!.extra).toEqual(more ? { 'x-more': 1 } : undefined)
  })

  it('is spelt as the source spells it, at its own address', async () => {
    const { url, demo } = await serveWorld()
    const session = await connect(`${url}/s/demo`, ALICE)

    expect(await session.request('prompts/get', { name: 'greet' })).toHaveProperty('result')
    expect(await session.request('prompts/get', { name: 'demo__greet' })).toMatchObject({ error: { code: -32_602 } })
    expect(demo.visits).toHaveLength(1)
  })

  it('is answered as it came, but for what only the stateless era has', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    expect((await session.request('prompts/get', { name: 'demo__greet' })).result).toStrictEqual({
      messages: [{ role: 'user', content: { type: 'x-new' } }],
      'x-field': 1,
    })
    expect((await session.request('resources/read', { uri: 'test://a' })).result).toStrictEqual({
      contents: [{ uri: 'test://a', text: 'A', 'x-field': 1 }],
      _meta: { 'x-meta': 1 },
    })
    expect((await session.request('resources/read', { uri: 'test://t/1' })).result).toStrictEqual({
      contents: [{ uri: 'test://t/1', text: 'T' }],
    })
  })

  it.each([
    ['prompts/get', { name: 'demo__greet' }, 'prompt:demo__greet'],
    ['resources/read', { uri: 'test://t/1' }, 'resource:demo__test://t/{id}'],
    ['resources/subscribe', { uri: 'test://t/1' }, 'resource:demo__test://t/{id}'],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'demo__greet' } }, 'prompt:demo__greet'],
  ])('by %s needs the right to it', async (method, params, permit) => {
    const { url, demo } = await serveWorld()
    const session = await connect(url, BOB)

    expect(await session.request(method, params)).toMatchObject({ error: { code: 4030, data: { data: { permit } } } })
    expect(demo.visits).toEqual([])
  })

  it('by a URI that nothing has is answered with the code of its era', async () => {
    const { url } = await serveWorld()
    const session = await connect(url, ALICE)

    for (const uri of ['test://gone', 'test://never']) {
      const answer = await session.request('resources/read', { uri })
      expect(answer).toMatchObject({ error: { code: -32_002, data: { uri } } })
    }
  })

  it.each([
    ['prompts/get', {}],
    ['prompts/get', { name: 7 }],
    ['prompts/get', { name: 'demo__none' }],
    ['resources/read', {}],
    ['resources/subscribe', { uri: null }],
    ['completion/complete', { ref: 'x' }],
    ['completion/complete', { ref: { type: 'ref/tool', name: 'x' } }],
    ['completion/complete', { ref: { type: 'ref/prompt' } }],
    ['tasks/get', {}],
    ['tasks/get', { taskId: 'list' }],
    ['tasks/cancel', { taskId: 't-3' }],
  ])('by %s %j is refused for what it says', async (method, params) => {
    const { url, demo, lines } = await serveWorld()
    const session = await connect(url, ALICE)

    expect(await session.request(method, params)).toMatchObject({ error: { code: -32_602 } })

    expect(demo.visits).toEqual([])
    expect(lines.filter(({ event }) => event.endsWith('bug'))).toEqual([])
  })

  it('is recorded when there is no such thing', async () => {
    const { url, demo } = await serveWorld()
    const session = await connect(url, ALICE)

    await session.request('prompts/get', { name: 'demo__none' })
    await session.request('resources/read', { uri: 'test://never' })

    expect(demo.records).toEqual(['prompt:demo__none not_found', 'resource/test://never not_found'])
  })

  it('is watched up to a bound', async () => {
    const { url } = await serveWorld({ limits: { maxSubscriptionsPerSession: 1 } })
    const session = await connect(url, ALICE)

    expect(await session.request('resources/subscribe', { uri: 'test://a' })).toHaveProperty('result')
    expect(await session.request('resources/subscribe', { uri: 'test://a' })).toHaveProperty('result')
    expect(await session.request('resources/subscribe', { uri: 'test://t/1' })).toMatchObject({ error: { code: 5031 } })
    await session.request('resources/unsubscribe', { uri: 'test://a' })
    expect(await session.request('resources/subscribe', { uri: 'test://t/1' })).toHaveProperty('result')
  })
})

describe('A client is told at the beginning', () => {
  it('what it can ask for, with what servers add to it', async () => {
    const { url, demo } = await serveWorld()
    demo.setInstructions([
      { source: 'demo', text: 'Greet first.', capabilities: { extensions: { 'x/y': { z: 1 } }, tools: {} } },
      { source: 'hidden', text: 'Nobody sees me.', capabilities: { extensions: { 'h/h': {} } } },
    ])

    const { result } = await initialize(url)

    expect(result.capabilities).toEqual({
      tools: { listChanged: true },
      prompts: { listChanged: true },
      resources: { subscribe: true, listChanged: true },
      completions: {},
      logging: {},
      extensions: { 'x/y': { z: 1 } },
    })
    expect(result.instructions).toMatch(/\n\n# demo\nGreet first\.$/)
    expect(result.instructions).not.toContain('Nobody')
  })

  it('no more than a share of what many servers say, in whole characters', async () => {
    const { url, demo } = await serveWorld({ limits: { instructionsChars: 1_000 } })
    demo.setInstructions(['x', '😀'].map((letter) => ({ source: 'demo', text: letter.repeat(5_000) })))

    const { result } = await initialize(url)
    const [, first, second] = result.instructions.split('# demo\n')

    expect(first.trim()).toBe(`${'x'.repeat(499)}…`)
    expect(second).toBe(`${'😀'.repeat(249)}…`)
  })
})

const initialize = async (url: string): Promise<{ result: any }> => (await ask(url, ALICE, { body: hello() })).json // any: tests look into every shape of answer
