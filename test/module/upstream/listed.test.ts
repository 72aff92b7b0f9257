import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../src/contract/fault.ts'
import type { ListedKind } from '../../../src/contract/tool.ts'
import { compileKeys, intersect } from '../../../src/module/access/key-set.ts'
import { systemCaller } from '../../system-caller.ts'
import { eventually, openUpstreams, programOf, testClient, told, type Upstreams } from './open-upstreams.ts'

const FIXTURE = fileURLToPath(new URL('../../fixture/conformance-upstream.ts', import.meta.url))
const shown = (house: Upstreams, kind: ListedKind): string[] =>
  house.gatehouse.catalog.listed(kind).map(({ shownName }) => shownName)
const namesFor = (house: Upstreams, uri: string, source?: string) => house.gatehouse.catalog.resourceNames(uri, source)
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (thrown) => (thrown as Fault).code,
  )

describe('what a server lists besides tools', () => {
  it('is offered as it was sent, each by the right of its own name', async () => {
    const house = await openUpstreams({ one: told(['--resources=a:1,no-uri', '--templates=b:{id}']) })
    const upstream = await house.until('one', 'connected')

    const [resource] = house.gatehouse.catalog.listed('resource')

    expect(resource).toMatchObject({
      name: 'resource:one__a:1',
      permit: 'resource:one__a:1',
      source: 'one',
      localName: 'a:1',
      shownName: 'a:1',
      effect: 'read',
    })
    expect(resource?.definition).toEqual({ uri: 'a:1', name: 'a:1', 'x-extra': { kept: true } })
    expect(shown(house, 'template')).toEqual(['b:{id}'])
    expect(shown(house, 'prompt')).toEqual(['one__greet'])
    expect(upstream.leftOut.map(({ tool }: { tool: string }) => tool)).toEqual(['prompt #2', 'prompt greet', 'resource no-uri'])
    expect(house.gatehouse.catalog.instructions()).toMatchObject([
      { source: 'one', text: 'Tell me what to say.', capabilities: { resources: { subscribe: true } } },
    ])
  })

  it('is read, got and completed through the door, with what the client sent along', async () => {
    const house = await openUpstreams({ one: told(['--resources=a:1', '--templates=b:{id}/x']) })
    await house.until('one', 'connected')

    expect(await house.call('resource:one__a:1', { uri: 'a:1' })).toEqual({
      contents: [{ uri: 'a:1', text: 'read a:1' }],
      'x-extra': 1,
    })
    expect(await house.call('resource:one__b:{id}/x', { uri: 'b:7/x' })).toMatchObject({ contents: [{ text: 'read b:7/x' }] })
    expect(await codeOf(house.call('resource:one__b:{id}/x', { uri: 'a:1' }))).toBe('invalid')
    expect(await codeOf(house.call('resource:one__a:1', { uri: 'a:2' }))).toBe('invalid')
    const got = (await house.call('prompt:one__greet', { who: 'you' }, { extra: { 'x-more': 1 } })) as any
    expect(JSON.parse(got.messages[0].content.text)).toMatchObject({ name: 'greet', arguments: { who: 'you' }, 'x-more': 1 })
    const args = { argument: { name: 'who', value: 'y' }, context: { arguments: {} } }
    const completed = (await house.call('completion:prompt:one__greet', args)) as any
    expect(JSON.parse(completed.completion.values[0])).toMatchObject({ ref: { type: 'ref/prompt', name: 'greet' }, ...args })
    const inTemplate = (await house.call('completion:resource:one__b:{id}/x', args)) as any
    expect(JSON.parse(inTemplate.completion.values[0]).ref).toEqual({ type: 'ref/resource', uri: 'b:{id}/x' })
  })

  it('follows the list that the server announces', async () => {
    const house = await openUpstreams({ one: told(['--resources=a:1'], { shared: true }) })
    await house.until('one', 'connected')

    await house.call('one__list', { uris: ['a:1', 'a:2'] })

    await eventually(() => expect(shown(house, 'resource')).toEqual(['a:1', 'a:2']))
    await house.operate('upstream_disable', { alias: 'one' })
    expect(shown(house, 'resource')).toEqual([])
    expect(house.gatehouse.catalog.instructions()).toEqual([])
  })

  it('is asked of nobody who declares nothing of the kind', async () => {
    const house = await openUpstreams({ one: told(['--bare', '--resources=a:1']) })
    await house.until('one', 'connected')

    expect([shown(house, 'prompt'), shown(house, 'resource')]).toEqual([[], []])
    expect(namesFor(house, 'a:1')).toEqual([])
    expect(house.gatehouse.catalog.find('resource:one__a:1')).toBeUndefined()
  })

  it('is the whole of what the everything server has', async () => {
    const house = await openUpstreams({ all: { command: 'node', args: [programOf('@modelcontextprotocol/server-everything')] } })
    await house.until('all', 'connected')
    const [first] = house.gatehouse.catalog.listed('resource')

    expect(shown(house, 'prompt')).toHaveLength(4)
    expect(shown(house, 'template')).toHaveLength(2)
    expect(shown(house, 'resource')).toHaveLength(7)
    expect(await house.call(first!.name, { uri: first!.localName })).toMatchObject({ contents: [{ uri: first!.localName }] })
  })
})

describe('a URI', () => {
  it('leads to who lists it, has a template for it, told of it, or is the only one with resources', async () => {
    const house = await openUpstreams({
      one: told(['--resources=a:1', '--templates=b:{id},b:long/{id}']),
      two: told(['--resources=c:1']),
      bare: told(['--bare']),
    })
    for (const alias of ['one', 'two', 'bare']) await house.until(alias, 'connected')

    expect(namesFor(house, 'a:1')).toEqual(['resource:one__a:1'])
    expect(namesFor(house, 'b:long/1').slice(0, 2)).toEqual(['resource:one__b:long/{id}', 'resource:one__b:long/1'])
    expect(namesFor(house, 'd:1')).toEqual([])
    expect(namesFor(house, 'd:1', 'two')).toEqual(['resource:two__d:1'])
    await house.call('two__answer', { result: { content: [{ type: 'resource_link', uri: 'd:1', name: 'd' }] } })
    expect(namesFor(house, 'd:1')).toEqual(['resource:two__d:1'])
    expect(await house.call('resource:two__d:1', {})).toMatchObject({ contents: [{ text: 'read d:1' }] })
  })

  it('that leads elsewhere than it begins is read by nobody', async () => {
    const house = await openUpstreams({ one: told(['--templates=a:{path}']) })
    await house.until('one', 'connected')
    const winding = ['a:/pub/../etc', 'a:/pub/%2e%2E/etc', 'a:/pub/..%2fetc', 'a:/pub/./etc', 'a:/pub/..', 'a:\\pub\\..\\etc']
    // Tabs and ends of lines are not there for whoever reads a URL.
    winding.push('a:/pub/.\t./etc', 'a:/pub/\n../etc', 'a:/pub/.%2e\r/etc', 'a:/pub/.. ', 'a:/pub/..\0')

    for (const uri of winding) {
      expect(await codeOf(house.call(`resource:one__${uri}`, {})), uri).toBe('not_found')
      expect(await codeOf(house.call('resource:one__a:{path}', { uri })), uri).toBe('invalid')
    }
    expect(await codeOf(house.call('resource:one__a:{path}', { uri: 'a:/pub/..x/.y' }))).toBe('ok')
  })

  it('that two list is shown as each one’s own, at the address of all sources only', async () => {
    const house = await openUpstreams({ one: told(['--resources=a:1,a:2']), two: told(['--resources=a:1']) })
    for (const alias of ['one', 'two']) await house.until(alias, 'connected')
    const everywhere = testClient()
    const here = testClient({}, undefined, { source: 'one' })
    const result = {
      content: [
        { type: 'resource_link', uri: 'a:1', name: 'x' },
        { type: 'resource', resource: { uri: 'a:1', text: 'x' }, 'x-extra': 1 },
        { type: 'resource_link', uri: 'a:2', name: 'y' },
      ],
    }

    expect(shown(house, 'resource')).toEqual(['via.one.a:1', 'a:2', 'via.two.a:1'])
    expect(namesFor(house, 'via.two.a:1')).toEqual(['resource:two__a:1'])
    const read = (client: typeof here) => house.call('resource:two__a:1', { uri: 'via.two.a:1' }, { client })
    expect(await read(everywhere)).toEqual({ contents: [{ uri: 'via.two.a:1', text: 'read a:1' }], 'x-extra': 1 })
    expect(await house.call('one__answer', { result }, { client: everywhere })).toEqual({
      content: [
        { type: 'resource_link', uri: 'via.one.a:1', name: 'x' },
        { type: 'resource', resource: { uri: 'via.one.a:1', text: 'x' }, 'x-extra': 1 },
        { type: 'resource_link', uri: 'a:2', name: 'y' },
      ],
    })
    expect(await house.call('one__answer', { result }, { client: here, sessionKey: 'other' })).toEqual(result)
    await house.operate('upstream_disable', { alias: 'two' })
    expect(shown(house, 'resource')).toEqual(['a:1', 'a:2'])
  })
})

it('a URI that was taken away by name is read and watched by no template and no other spelling', async () => {
  const house = await openUpstreams({ one: told(['--resources=A:/s/2', '--templates=a:{+path}']) })
  await house.until('one', 'connected')
  const grants = compileKeys(['resource:*', '!resource:one__a:/s/*'].map((key) => ({ key, expiresAt: Number.POSITIVE_INFINITY })))
  const caller = { ...systemCaller, grants: intersect([grants]) }
  const read = (name: string, uri: string) => codeOf(house.call(`resource:one__${name}`, { uri }, { caller }))

  expect(await read('a:{+path}', 'a:/t/1')).toBe('ok')
  for (const uri of ['a:/s/1', 'a:/%73/1', 'a:/%73%2F1']) {
    expect(await read('a:{+path}', uri), uri).toBe('forbidden')
    expect(await read(uri, uri), uri).toBe('forbidden')
  }
  expect(await read('A:/s/2', 'A:/s/2')).toBe('forbidden')
  const client = testClient()
  const watch = house.call('subscription:resource:one__a:{+path}', { on: true, uri: 'a:/s/1' }, { caller, client })
  expect(await codeOf(watch)).toBe('forbidden')
})

it('an upstream cannot list a URI as if it were another’s: it is shown as its own', async () => {
  const house = await openUpstreams({
    bad: told(['--resources=a:1,via.one.a:1,via.bad.b:1', '--templates=via.one.c:{id}']),
    one: told(['--resources=a:1']),
  })
  for (const alias of ['bad', 'one']) await house.until(alias, 'connected')

  expect(shown(house, 'resource')).toEqual(['via.bad.a:1', 'via.bad.via.bad.b:1', 'via.bad.via.one.a:1', 'via.one.a:1'])
  expect(shown(house, 'template')).toEqual(['via.bad.via.one.c:{id}'])
  expect(namesFor(house, 'via.one.a:1')).toEqual(['resource:one__a:1'])
  expect(namesFor(house, 'via.bad.via.one.a:1')[0]).toBe('resource:bad__via.one.a:1')
  const read = await house.call('resource:bad__via.bad.b:1', { uri: 'via.bad.via.bad.b:1' }, { client: testClient() })
  expect(read).toMatchObject({ contents: [{ uri: 'via.bad.via.bad.b:1', text: 'read via.bad.b:1' }] })
})

it('the conformance fixture answers through the gateway as it does without', async () => {
  const house = await openUpstreams({ fixture: { command: 'node', args: [FIXTURE, '--stdio'] } })
  await house.until('fixture', 'connected')

  expect(namesFor(house, 'test://template/123/data')[0]).toBe('resource:fixture__test://template/{id}/data')
  expect(await house.call('resource:fixture__test://template/{id}/data', { uri: 'test://template/123/data' })).toMatchObject({
    contents: [{ mimeType: 'application/json' }],
  })
  expect(await codeOf(house.call('resource:fixture__test://nowhere', {}))).toBe('not_found')
})
