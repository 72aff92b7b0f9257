import { expect, test, vi } from 'vitest'
import { upstreamSettings } from '../../../src/module/upstream/upstream.settings.ts'
import { openTestHouse } from '../../support.ts'
import { openBrowser } from '../../transport/web/house.ts'
import { told } from './open-upstreams.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

/** A house with a server that has prompts, resources and a tool which never answers. */
async function openPage() {
  const servers = { told: told(['--resources=a:1,b:2', '--templates=c:{id}']) }
  const house = await openTestHouse({ settings: { upstream: upstreamSettings.parse({ servers, killAfterMs: 500 }) } })
  const browser = await openBrowser(house)
  const upstream = async (): Promise<any> => (await house.fetch('/api/upstreams/told', house.adminToken)).json()
  await vi.waitFor(async () => expect(await upstream()).toMatchObject({ state: 'connected', templateCount: 1 }), 10_000)
  return { house, browser, upstream, page: async () => (await browser.get('/upstreams/told')).text() }
}

test('the page of an upstream shows how it is spoken to, and leads to what it offers', async () => {
  const { house, browser, page } = await openPage()

  const html = await page()
  const prompts = await (await browser.get('/prompts?source=told')).text()
  const got = await house.fetch('/api/prompts/told__greet', house.adminToken, {
    method: 'POST',
    headers: JSON_TYPE,
    body: '{"arguments":{"who":"Ada"}}',
  })
  const read = await house.fetch('/api/resources/read', house.adminToken, {
    method: 'POST',
    headers: JSON_TYPE,
    body: '{"uri":"c:{id}","variables":{"id":"7"}}',
  })

  for (const shown of [
    'with sessions',
    '1 prompt</a>',
    '2 resources and 1 template</a>',
    'completions</span>',
    'href="/prompts?source=told"',
  ])
    expect(html).toContain(shown)
  expect(prompts).toContain('href="/prompts/told__greet"')
  expect(await got.text()).toContain('Ada')
  expect(await read.json()).toMatchObject({ uri: 'c:7', result: { contents: [{ uri: 'c:7', text: 'read c:7' }], 'x-extra': 1 } })
})

test('what an upstream works on is shown, and cancelled from its page', async () => {
  const { house, browser, upstream, page } = await openPage()
  const never = house.fetch('/api/tools/told/never', house.adminToken, { method: 'POST', headers: JSON_TYPE, body: '{}' })
  await vi.waitFor(async () => expect((await upstream()).calls).toHaveLength(1), 10_000)

  const busy = await page()
  const callId = /name="callId" value="(\d+)"/.exec(busy)![1]!
  const back = await browser.post('/op/upstream_call_cancel', { alias: 'told', callId, _next: '/upstreams/told' })
  const idle = await page()

  expect(busy).toContain('Cancel told__never of root')
  expect([back.status, (await never).status]).toEqual([303, 499])
  expect(idle).toMatch(/id="in-flight"[^>]* hidden/)
})
