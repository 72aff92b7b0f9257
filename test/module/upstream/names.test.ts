import { describe, expect, it } from 'vitest'
import { openUpstreams, told, type Upstreams } from './open-upstreams.ts'

const shown = (house: Upstreams, alias: string): string[] =>
  house.gatehouse.catalog
    .all()
    .filter(({ source }) => source === alias)
    .map(({ name }) => name)

describe('the names of tools', () => {
  it('have no prefix where they never shall, though their rights do', async () => {
    const house = await openUpstreams({ one: told([], { names: 'never' }) })
    await house.until('one', 'connected')

    const tool = house.gatehouse.catalog.findTool('ask')

    expect(tool).toMatchObject({ name: 'ask', localName: 'ask', permit: 'tool:one__ask', definition: { name: 'ask' } })
    expect(await house.callText('params')).toContain('"name":"params"')
  })

  it('have one on a clash only as long as there is one', async () => {
    const rename = { params: { rename: 'upstream_list' }, seen: { rename: 'own' } }
    const house = await openUpstreams({
      one: told([], { names: 'on_clash', prefix: 'first', tools: rename }),
      two: told([], { names: 'on_clash' }),
    })
    for (const alias of ['one', 'two']) await house.until(alias, 'connected')

    expect(shown(house, 'one')).toContain('own')
    expect(shown(house, 'one')).toContain('first__ask')
    expect(shown(house, 'two')).toEqual(expect.arrayContaining(['two__ask', 'params', 'seen']))
    await house.operate('upstream_disable', { alias: 'two' })
    expect(shown(house, 'one')).toEqual(
      ['answer', 'ask', 'client', 'fail', 'first__upstream_list', 'list', 'never', 'own', 'say'].sort(),
    )
    expect(await house.callText('first__upstream_list')).toContain('"name":"params"')
    const { tools } = await house.operate('upstream_get', { alias: 'one' })
    expect(tools.find(({ remoteName }: { remoteName: string }) => remoteName === 'seen').name).toBe('own')
  })

  it('may be given by an operator, who cannot give one twice', async () => {
    const tools = { ask: { rename: 'say' }, params: { rename: 'arguments' } }
    const house = await openUpstreams({ one: told([], { tools }) })
    const { leftOut } = await house.until('one', 'connected')

    expect(leftOut).toMatchObject([{ tool: 'say' }, {}, {}])
    expect(house.gatehouse.catalog.findLocal('one', 'arguments')?.name).toBe('one__arguments')
    expect(await house.callText('one__arguments')).toContain('"name":"params"')
  })

  it('never give a right to what another upstream offers', async () => {
    const house = await openUpstreams({ one: told(), two: told([], { names: 'never', prefix: 'one' }) })
    for (const alias of ['one', 'two']) await house.until(alias, 'connected')

    expect(shown(house, 'two')).toEqual([])
  })
})

it('a tool’s page is shown by the URI that clients read it by', async () => {
  const definition = {
    name: 'ask',
    inputSchema: { type: 'object' },
    _meta: { ui: { resourceUri: 'ui://page', x: 1 }, 'ui/resourceUri': 'ui://page' },
  }
  const flags = ['--resources=ui://page', `--tool=${JSON.stringify(definition)}`]
  const house = await openUpstreams({ one: told(flags), two: told(['--resources=ui://page']) })
  await house.until('one', 'connected')
  const tool = () => house.gatehouse.catalog.findTool('one__ask')
  await house.until('two', 'connected')

  expect(tool()?.definition['_meta']).toEqual(definition._meta)
  expect(tool()?.shownDefinition?.['_meta']).toEqual({
    ui: { resourceUri: 'via.one.ui://page', x: 1 },
    'ui/resourceUri': 'via.one.ui://page',
  })
  await house.operate('upstream_disable', { alias: 'two' })
  expect(tool()?.shownDefinition).toBeUndefined()
})
