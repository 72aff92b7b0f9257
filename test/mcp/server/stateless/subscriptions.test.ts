import { describe, expect, it, vi } from 'vitest'
import { stoppedClock } from '../clock.ts'
import type { ServerWorld } from '../world.ts'
import { serveWorld } from '../world.ts'
import { type Peer, peer } from './peer.ts'

const ALICE = 'alice-token'
const BOB = 'bob-token'
const ID = 'io.modelcontextprotocol/subscriptionId'
const ALL = { toolsListChanged: true, promptsListChanged: true, resourcesListChanged: true }

/** A stream that has been acknowledged. */
async function listen(client: Peer, notifications: object) {
  const stream = await client.open('subscriptions/listen', { notifications })
  await vi.waitFor(() => expect(stream.events).not.toEqual([]))
  const events = (): any[] => stream.events as any[] // any: tests look into every shape of message
  return { stream, events, methods: () => events().map(({ method }) => method) }
}

const subscriptionsOf = ({ demo }: ServerWorld): unknown[] =>
  demo.visits.filter(({ tool }) => tool.kind === 'subscription').map(({ tool, arguments: args }) => [tool.name, args])

const update = ({ demo }: ServerWorld, uri: string, visit = 0): boolean =>
  demo.visits[visit]!.client!.standing!.notify('notifications/resources/updated', { uri, 'x-kept': 1 })

describe('subscriptions/listen', () => {
  it('says first what it will tell, and leaves out what it does not know', async () => {
    const { url } = await serveWorld()

    const { stream, events } = await listen(peer(url, ALICE), { ...ALL, toolsListChanged: false, weatherChanged: true })

    expect(stream.response.headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
    expect(events()).toEqual([
      {
        jsonrpc: '2.0',
        method: 'notifications/subscriptions/acknowledged',
        params: {
          notifications: { promptsListChanged: true, resourcesListChanged: true },
          _meta: { [ID]: expect.any(Number) },
        },
      },
    ])
    stream.hangUp()
  })

  it('tells of each list that changed, in its own words and under its own id', async () => {
    const { url, demo } = await serveWorld()
    const { stream, events, methods } = await listen(peer(url, ALICE), ALL)

    demo.setTools(['new'])
    await vi.waitFor(() => expect(methods()).toHaveLength(2))
    demo.setListed({ prompt: ['new'], resource: [], template: [] })
    await vi.waitFor(() => expect(methods()).toHaveLength(4))

    expect(methods().slice(1)).toEqual([
      'notifications/tools/list_changed',
      'notifications/prompts/list_changed',
      'notifications/resources/list_changed',
    ])
    const [acknowledged, ...told] = events()
    for (const { params } of told) expect(params._meta[ID]).toBe(acknowledged.params._meta[ID])
    stream.hangUp()
  })

  it('tells nothing that was not asked for, and nobody of what they do not see', async () => {
    const { url, demo } = await serveWorld()
    const alices = await listen(peer(url, ALICE), ALL)
    const prompts = await listen(peer(url, ALICE), { promptsListChanged: true })
    const bobs = await listen(peer(url, BOB), ALL)

    demo.setTools(['new'])
    await vi.waitFor(() => expect(alices.methods()).toHaveLength(2))

    expect(prompts.methods()).toHaveLength(1)
    expect(bobs.methods()).toHaveLength(1)
    for (const { stream } of [alices, prompts, bobs]) stream.hangUp()
  })

  it('tells of rights that were given, and ends once the credentials are worth nothing', async () => {
    const { url, demo, server } = await serveWorld()
    const { methods, events, stream } = await listen(peer(url, BOB), ALL)

    demo.setRights('bob', () => true)
    await vi.waitFor(() => expect(methods()).toHaveLength(4))
    demo.setRights('bob', undefined)
    await vi.waitFor(() => expect(stream.ended).toBe(true))

    expect(methods().at(1)).toBe('notifications/tools/list_changed')
    expect(events().at(-1)).toMatchObject({ result: { resultType: 'complete', _meta: { [ID]: expect.any(Number) } } })
    await vi.waitFor(() => expect(server.streams).toBe(0))
  })

  it('follows a resource through the door, as long as a stream of the client wants to', async () => {
    const world = await serveWorld()
    const client = peer(world.url, ALICE)
    const name = 'subscription:resource:demo__test://a'
    const one = await listen(client, { resourceSubscriptions: ['test://a', 'test://a', 'test://gone'] })
    const two = await listen(client, { resourceSubscriptions: ['test://a'] })

    const heard = update(world, 'test://a')
    await vi.waitFor(() => expect(two.methods()).toHaveLength(2))
    one.stream.hangUp()
    await vi.waitFor(() => expect(world.server.streams).toBe(1))
    const while2 = subscriptionsOf(world).length
    two.stream.hangUp()
    await vi.waitFor(() => expect(subscriptionsOf(world)).toHaveLength(while2 + 1))

    expect(heard).toBe(true)
    expect(one.events()[0].params.notifications).toEqual({ resourceSubscriptions: ['test://a'] })
    expect(one.events()[1]).toMatchObject({
      method: 'notifications/resources/updated',
      params: { uri: 'test://a', 'x-kept': 1, _meta: { [ID]: one.events()[0].params._meta[ID] } },
    })
    expect(subscriptionsOf(world)[0]).toEqual([name, { on: true, uri: 'test://a' }])
    expect(subscriptionsOf(world).at(-1)).toEqual([name, { on: false, uri: 'test://a' }])
    expect(update(world, 'test://a')).toBe(false)
  })

  it('promises nothing that its server refuses, to however many streams at once', async () => {
    const world = await serveWorld()
    const client = peer(world.url, ALICE)
    const wish = { resourceSubscriptions: ['test://gone'] }

    const streams = await Promise.all([listen(client, wish), listen(client, wish), listen(client, wish)])

    expect(streams.map(({ events }) => events()[0].params.notifications)).toEqual([{}, {}, {}])
    for (const { stream } of streams) stream.hangUp()
    await vi.waitFor(() => expect(world.server.streams).toBe(0))
    expect(subscriptionsOf(world).every((entered) => (entered as any)[1].on)).toBe(true) // any: what was asked for
  })

  it('hears of a part of what it follows, and of nothing else', async () => {
    const world = await serveWorld()
    const { methods, stream } = await listen(peer(world.url, ALICE), { resourceSubscriptions: ['test://a'] })

    expect(update(world, 'test://a/part')).toBe(true)
    expect(update(world, 'test://ab')).toBe(false)
    expect(world.demo.visits[0]!.client!.standing!.notify('notifications/message', { level: 'error' })).toBe(false)

    await vi.waitFor(() => expect(methods()).toHaveLength(2))
    stream.hangUp()
  })

  it('follows the tasks that are there, for a client that knows tasks', async () => {
    const world = await serveWorld()
    const knows = peer(world.url, ALICE, { capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } })
    const { events, methods, stream } = await listen(knows, { taskIds: ['t-1', 'of-somebody-else'] })
    const knowsNot = await listen(peer(world.url, ALICE), { taskIds: ['t-1'] })
    const { standing } = world.demo.visits[0]!.client!

    expect(standing!.notify('notifications/tasks', { taskId: 't-1', status: 'completed' })).toBe(true)
    expect(standing!.notify('notifications/tasks', { taskId: 't-2', status: 'completed' })).toBe(false)
    await vi.waitFor(() => expect(methods()).toHaveLength(2))

    expect(events()[0].params.notifications).toEqual({ taskIds: ['t-1'] })
    expect(events()[1]).toMatchObject({ method: 'notifications/tasks', params: { taskId: 't-1', status: 'completed' } })
    expect(knowsNot.events()[0].params.notifications).toEqual({})
    for (const open of [stream, knowsNot.stream]) open.hangUp()
  })

  it('ends when the right to a task is taken away that it follows', async () => {
    const world = await serveWorld()
    const knows = peer(world.url, ALICE, { capabilities: { extensions: { 'io.modelcontextprotocol/tasks': {} } } })
    const { stream } = await listen(knows, { taskIds: ['t-2'] })

    world.demo.setRights('alice', (key) => key !== 'tool:demo__wait')

    await vi.waitFor(() => expect(stream.ended).toBe(true))
  })

  it('does not follow what the caller may not read, and ends when that right is taken away', async () => {
    const world = await serveWorld()
    const bobs = await listen(peer(world.url, BOB), { resourceSubscriptions: ['test://a'] })
    const alices = await listen(peer(world.url, ALICE), { resourceSubscriptions: ['test://a'] })

    world.demo.setRights('alice', (key) => !key.startsWith('resource:'))
    await vi.waitFor(() => expect(alices.stream.ended).toBe(true))

    expect(bobs.events()[0].params.notifications).toEqual({})
    expect(world.demo.records).toContain('subscription:resource:demo__test://a forbidden')
    expect(alices.events().at(-1).result.resultType).toBe('complete')
    // Its server is told, which would go on for nobody otherwise.
    const ended = ['subscription:resource:demo__test://a', { on: false, uri: 'test://a' }]
    await vi.waitFor(() => expect(subscriptionsOf(world)).toContainEqual(ended))
    bobs.stream.hangUp()
  })

  it('keeps the connection alive, and ends with a result when the server stops', async () => {
    const clock = stoppedClock()
    const { url, server } = await serveWorld({ nowMs: clock.nowMs })
    const { stream, events } = await listen(peer(url, ALICE), ALL)

    clock.advance(15_000)
    server.tick()
    await vi.waitFor(() => expect(stream.text).toContain(': keep-alive'))
    await server.close(0)
    await vi.waitFor(() => expect(stream.ended).toBe(true))

    expect(events().at(-1)).toMatchObject({ result: { resultType: 'complete', _meta: { [ID]: events()[0].params._meta[ID] } } })
  })

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['a list', []],
    ['a wish that is a text', { toolsListChanged: 'yes' }],
    ['URIs that are numbers', { resourceSubscriptions: [1] }],
    ['URIs that are one text', { resourceSubscriptions: 'test://a' }],
  ])('is refused with -32602 for %s', async (_title, notifications) => {
    const { url, server } = await serveWorld()

    const { status, json } = await peer(url, ALICE).post('subscriptions/listen', { notifications })

    expect([status, json.error.code]).toEqual([200, -32602])
    expect(server.streams).toBe(0)
  })

  it('is refused for more streams, and more resources, than a caller may have', async () => {
    const { url } = await serveWorld({ limits: { maxSessionsPerCaller: 1, maxSubscriptionsPerSession: 1 } })
    const client = peer(url, ALICE)
    const many = await client.post('subscriptions/listen', {
      notifications: { resourceSubscriptions: ['test://a', 'test://b'] },
    })
    const { stream } = await listen(client, ALL)

    const second = await client.post('subscriptions/listen', { notifications: ALL })

    expect(many.json.error.code).toBe(5031)
    expect([second.status, second.json.error.code]).toEqual([429, 4290])
    stream.hangUp()
  })
})

describe('What is kept of a client', () => {
  it('is given back when nobody has used it for long, and its upstreams are told', async () => {
    const clock = stoppedClock()
    const { url, server, demo, gatehouse } = await serveWorld({ limits: { sessionIdleMs: 60_000 }, nowMs: clock.nowMs })
    const ended: string[] = []
    gatehouse.events.subscribe('session_ended', ({ sessionKey }) => void ended.push(sessionKey))
    const client = peer(url, ALICE)
    await client.request('tools/call', { name: 'demo__relay', arguments: {} })
    await client.request('tools/call', { name: 'demo__relay', arguments: {} })
    const { stream } = await listen(client, ALL)

    clock.advance(60_001)
    server.tick()
    const whileItListens = [...ended]
    stream.hangUp()
    await vi.waitFor(() => expect(server.streams).toBe(0))
    clock.advance(60_001)
    server.tick()

    const [first, second] = demo.visits
    expect(first!.sessionKey).toMatch(/^user:alice\nstateless-/)
    expect(second!.sessionKey).toBe(first!.sessionKey)
    expect(second!.client).toBe(first!.client)
    expect(whileItListens).toEqual([])
    expect(ended).toEqual([first!.sessionKey])
  })

  it('is another for other capabilities and other callers', async () => {
    const { url, demo } = await serveWorld()
    demo.setRights('bob', () => true)
    const call = { name: 'demo__relay', arguments: {} }

    await peer(url, ALICE).request('tools/call', call)
    await peer(url, ALICE, { capabilities: { roots: {} } }).request('tools/call', call)
    await peer(url, BOB).request('tools/call', call)

    expect(new Set(demo.visits.map(({ sessionKey }) => sessionKey)).size).toBe(3)
    expect(demo.visits[1]!.client).toMatchObject({
      capabilities: { roots: {} },
      takesInputRequired: true,
      info: { name: 'peer' },
    })
  })

  it('is no request and no timer once five hundred calls are answered', async () => {
    const { url, server } = await serveWorld()
    const client = peer(url, ALICE)
    const call = { name: 'thing_echo', arguments: { text: 'a' } }
    await client.request('tools/call', call)
    const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length

    for (let round = 0; round < 25; round += 1) {
      await Promise.all(Array.from({ length: 20 }, () => client.request('tools/call', call)))
    }

    expect(server.requestsInFlight).toBe(0)
    expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length).toBeLessThanOrEqual(before + 1)
  })
})
