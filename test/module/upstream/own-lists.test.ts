import { describe, expect, it } from 'vitest'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { connect, type RawSession } from '../../mcp/server/client.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { eventually, odd, told } from './open-upstreams.ts'

async function openHouse(servers: Record<string, unknown>): Promise<TestHouse> {
  const house = await openTestHouse({ settings: { upstream: upstreamSettings.parse({ servers, killAfterMs: 500 }) } })
  const aliases = Object.keys(servers)
  await eventually(() =>
    expect(
      house.gatehouse.catalog
        .instructions()
        .map(({ source }) => source)
        .sort(),
    ).toEqual(aliases.sort()),
  )
  return house
}
const namesOf = async (session: RawSession): Promise<string[]> =>
  (await session.request('tools/list')).result.tools.map(({ name }: { name: string }) => name)
const urisOf = async (session: RawSession): Promise<string[]> =>
  (await session.request('resources/list')).result.resources.map(({ uri }: { uri: string }) => uri)
const call = (session: RawSession, name: string, args: object = {}) =>
  session.request('tools/call', { name, arguments: args }).then(({ result }) => result)

describe('what the process of one session lists', () => {
  it('is shown to that session, told of on its stream, and can be called; others see what they saw', async () => {
    const house = await openHouse({ odd: odd() })
    const [one, other] = [
      await connect(`${house.url}/mcp`, house.adminToken),
      await connect(`${house.url}/mcp`, house.adminToken),
    ]
    const streams = [await one.listen(), await other.listen()]
    const before = await namesOf(one)

    await call(one, 'odd__grow')
    await eventually(() => expect(streams[0]!.events).toMatchObject([{ method: 'notifications/tools/list_changed' }]))

    expect(await namesOf(one)).toEqual([...before, 'odd__grown_0'].sort())
    expect((await call(one, 'odd__grown_0')).content).toEqual([{ type: 'text', text: 'called grown_0' }])
    expect(await namesOf(other)).toEqual(before)
    expect(streams[1]!.events).toEqual([])
    for (const stream of streams) stream.hangUp()
  })

  it('goes by the names of its source at the address of that', async () => {
    const house = await openHouse({ odd: odd() })
    const session = await connect(`${house.url}/mcp/s/odd`, house.adminToken)

    await call(session, 'grow')
    await eventually(async () => expect(await namesOf(session)).toContain('grown_0'))

    expect((await call(session, 'grown_0')).content).toEqual([{ type: 'text', text: 'called grown_0' }])
  })

  it('needs the right to its name', async () => {
    const house = await openHouse({ odd: odd() })
    const session = await connect(`${house.url}/mcp`, await house.token('tool:odd__grow', 'tool:odd__echo'))
    const able = await connect(`${house.url}/mcp`, house.adminToken)
    await call(able, 'odd__grow')
    await call(session, 'odd__grow')

    await eventually(async () => expect(await namesOf(able)).toContain('odd__grown_0'))

    expect(await namesOf(session)).toEqual(['odd__echo', 'odd__grow'])
    expect((await call(session, 'odd__grown_0')).content[0].text).toContain('forbidden')
  })

  it('is forgotten with its process, and with its session', async () => {
    const house = await openHouse({ odd: odd() })
    const session = await connect(`${house.url}/mcp`, house.adminToken)
    const further = await connect(`${house.url}/mcp`, house.adminToken)
    for (const each of [session, further]) {
      await call(each, 'odd__grow')
      await eventually(async () => expect(await namesOf(each)).toContain('odd__grown_0'))
    }

    await call(session, 'odd__die')
    await eventually(async () => expect(await namesOf(session)).not.toContain('odd__grown_0'))
    expect(house.gatehouse.catalog.findTool('odd__grown_0')).toBeDefined()
    await further.end()

    await eventually(() => expect(house.gatehouse.catalog.findTool('odd__grown_0')).toBeUndefined())
  })

  it('are its resources as well: those that it has no more are not shown, those that only it has are read there', async () => {
    const house = await openHouse({ told: told(['--resources=a:1']), other: told(['--resources=b:1']) })
    const [one, other] = [
      await connect(`${house.url}/mcp`, house.adminToken),
      await connect(`${house.url}/mcp`, house.adminToken),
    ]

    await call(one, 'told__list', { uris: ['c:3'] })
    await eventually(async () => expect(await urisOf(one)).toEqual(['b:1', 'c:3']))

    expect(await urisOf(other)).toEqual(['a:1', 'b:1'])
    expect((await one.request('resources/read', { uri: 'c:3' })).result.contents).toEqual([{ uri: 'c:3', text: 'read c:3' }])
  })

  it('never stands where another upstream has the name', async () => {
    const renamed = odd([], { prefix: '', tools: { echo: { rename: 'grown_0' } } })
    const house = await openHouse({ two: renamed, wild: odd([], { prefix: 'w' }), bare: odd([], { names: 'never' }) })
    const session = await connect(`${house.url}/mcp/s/bare`, house.adminToken)

    await call(session, 'grow')
    await eventually(async () => expect(await namesOf(session)).toContain('grown_0'))

    expect(house.gatehouse.catalog.findTool('grown_0')?.source).toBe('two')
    expect(house.gatehouse.catalog.findTool('bare__grown_0')?.source).toBe('bare')
    const everywhere = await connect(`${house.url}/mcp`, house.adminToken)
    expect((await namesOf(everywhere)).filter((name) => name.endsWith('grown_0'))).toEqual(['grown_0'])
  })
})
