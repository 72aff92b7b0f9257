import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../../src/contract/fault.ts'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { peer } from '../../mcp/server/stateless/peer.ts'
import { openTestHouse } from '../../support.ts'
import { eventually, openUpstreams, type TestClient, testClient, told, type Upstreams } from './open-upstreams.ts'

const PAGE = { mode: 'url', elicitationId: 'e1', url: 'https://example.org/sign-in', message: 'Sign in' }
const URLS = { elicitation: { url: {} } }

async function openTold(more: object = {}): Promise<Upstreams> {
  const house = await openUpstreams({ told: told(['--pages'], { shared: true, ...more }) })
  await house.until('told', 'connected')
  return house
}
const modern = (capabilities: Record<string, unknown>, action: string): TestClient =>
  testClient(capabilities, () => ({ action }), { takesInputRequired: true })
const pages = (house: Upstreams, client: TestClient, refusals: number, page: object = PAGE) =>
  house.call('told__pages', { pages: [page], refusals }, { client, ask: client.ask })
const faultOf = (work: Promise<unknown>): Promise<Fault> =>
  work.then(
    () => expect.fail('It should have been refused.'),
    (thrown) => thrown as Fault,
  )

describe('a page that a server wants visited first', () => {
  it('is put to a client of the stateless era as a question, and the call is made again when it agrees', async () => {
    const house = await openTold()
    const client = modern(URLS, 'accept')

    const result = await pages(house, client, 1)

    expect(result.content).toEqual([{ type: 'text', text: '"signed in"' }])
    expect(client.asked).toEqual([{ method: 'elicitation/create', params: { ...PAGE, message: '[told] Sign in' } }])
    const { calls } = await house.operate('audit_call_list', { search: 'request:told__elicitation/create' })
    expect(calls).toMatchObject([{ outcome: 'ok' }])
  })

  it('may take longer than it takes to agree: the server is asked again when it says that somebody was there', async () => {
    const house = await openTold()
    const client = modern(URLS, 'accept')

    const result = pages(house, client, 900)
    await eventually(() => expect(client.asked).toHaveLength(1))
    await house.call('told__done', { id: 'e1' })

    expect((await result).content).toEqual([{ type: 'text', text: '"signed in"' }])
    expect(client.asked).toHaveLength(1)
  })

  it('ends the call where the client will not go, without the error that its era does not have', async () => {
    const house = await openTold()

    const fault = await faultOf(pages(house, modern(URLS, 'decline'), 1))

    expect(fault).toMatchObject({ code: 'upstream', message: expect.stringContaining('the client answered decline') })
    expect(fault.cause).toBeUndefined()
  })

  it('is handed to a client of the session era as the error that it knows, with who sends it there', async () => {
    const house = await openTold()
    const client = testClient(URLS)

    const fault = await faultOf(pages(house, client, 1))

    const data = { elicitations: [{ ...PAGE, message: '[told] Sign in' }], 'x-data': 1 }
    expect(fault.cause).toMatchObject({ code: -32042, message: 'Sign in first.', data })
    expect(client.asked).toEqual([])
    const { calls } = await house.operate('audit_call_list', { search: 'request:told__elicitation/create' })
    expect(calls).toHaveLength(1)
  })

  it.each([
    ['an address that no person should be sent to', {}, { ...PAGE, url: 'javascript:alert(1)' }, 'must begin with https'],
    ['what an operator denies', { deny: ['elicitation'] }, PAGE, 'an operator denies it'],
  ])('reaches no client of either era where it is %s', async (_what, definition, page, why) => {
    const house = await openTold(definition)

    for (const client of [testClient(URLS), modern(URLS, 'accept')]) {
      const fault = await faultOf(pages(house, client, 900, page))
      expect(fault.message).toContain(why)
      expect(JSON.stringify([fault.data ?? null, (fault.cause as { data?: unknown }).data ?? null])).not.toContain('url')
      expect(client.asked).toEqual([])
    }
  })

  it('reaches nobody unjudged where the call had to be repeated before', async () => {
    const mark = join(mkdtempSync(join(tmpdir(), 'pages-')), 'died')
    const definition = { shared: true, deny: ['elicitation'], tools: { pages: { idempotent: true } } }
    const house = await openUpstreams({ told: told(['--pages', `--dies-once=${mark}`], definition) })
    await house.until('told', 'connected')

    const fault = await faultOf(pages(house, testClient(URLS), 900))

    expect(fault.message).toContain('an operator denies it')
  })

  it('is told in words to whoever speaks no MCP, judged and recorded like any other', async () => {
    const [house, denying] = [await openTold(), await openTold({ deny: ['elicitation'] })]
    const pages = { pages: [PAGE], refusals: 900 }

    const fault = await faultOf(house.call('told__pages', pages))
    const unsafe = await faultOf(house.call('told__pages', { ...pages, pages: [{ ...PAGE, url: 'javascript:alert(1)' }] }))
    const denied = await faultOf(denying.call('told__pages', pages))

    expect(fault).toMatchObject({ code: 'upstream', data: { rpcCode: -32042, rpcData: { elicitations: [{ url: PAGE.url }] } } })
    expect(fault.message).toContain(`somebody has visited ${PAGE.url} ([told] Sign in). Open it, then call again.`)
    for (const refused of [unsafe, denied])
      expect(JSON.stringify([refused.message, refused.data ?? null])).not.toMatch(/example\.org|alert/)
    const { calls } = await house.operate('audit_call_list', { search: 'request:told__elicitation/create' })
    expect(calls.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['invalid', 'ok'])
  })

  it('is one of no more than a person would visit', async () => {
    const house = await openTold()

    for (const client of [testClient(URLS), modern(URLS, 'accept')]) {
      const fault = await faultOf(house.call('told__pages', { pages: Array(51).fill(PAGE), refusals: 900 }, { client }))
      expect(fault).toMatchObject({ code: 'upstream', message: expect.stringContaining('51 questions at once') })
    }
    const { calls } = await house.operate('audit_call_list', { search: 'request:told__elicitation/create' })
    expect(calls).toEqual([])
  })

  it('is input_required at the wire, and needs a client that declares that it can open pages', async () => {
    const servers = { told: told(['--pages'], { shared: true }) }
    const house = await openTestHouse({ settings: { upstream: upstreamSettings.parse({ servers }) } })
    await eventually(() => expect(house.gatehouse.catalog.findTool('told__pages')).toBeDefined())
    const params = { name: 'told__pages', arguments: { pages: [PAGE], refusals: 2 } }
    const plain = peer(`${house.url}/mcp`, house.adminToken, { capabilities: { elicitation: {} } })
    const able = peer(`${house.url}/mcp`, house.adminToken, { capabilities: URLS })

    const refused = await plain.request('tools/call', params)
    const { result } = await able.request('tools/call', params)
    const inputResponses = { 'elicitation-1': { action: 'accept' } }
    const done = await able.request('tools/call', { ...params, inputResponses, requestState: result.requestState })

    expect(refused.error).toMatchObject({ code: -32_021, data: { requiredCapabilities: { elicitation: { url: {} } } } })
    expect(result).toMatchObject({
      resultType: 'input_required',
      inputRequests: { 'elicitation-1': { method: 'elicitation/create', params: { mode: 'url', url: PAGE.url } } },
    })
    expect(done.result).toMatchObject({ resultType: 'complete', content: [{ text: '"signed in"' }] })
  })
})
