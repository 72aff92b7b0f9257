import { expect, test } from 'vitest'
import type { Client } from '../../../src/contract/visit.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { systemCaller } from '../../system-caller.ts'
import { openBrowser, outcomeOn } from '../../transport/web/house.ts'
import { HOSTILE, library } from './library.ts'

const get = async (house: TestHouse, path: string, token = house.adminToken): Promise<any> =>
  (await house.fetch(`/api${path}`, token)).json()

const post = async (house: TestHouse, path: string, body: object, token = house.adminToken): Promise<any> => {
  const headers = { 'content-type': 'application/json' }
  return (await house.fetch(`/api${path}`, token, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

test('lists the prompts that the caller may get, found by every word of a search', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const narrow = await house.token('prompt.read', 'prompt:docs__p*')

  const all = await get(house, '/prompts')
  const found = await get(house, '/prompts?text=READERS%20docs')
  const seen = await get(house, '/prompts', narrow)

  expect(all).toMatchObject({ total: 4, sources: [{ name: 'docs', count: 4 }] })
  expect(found.prompts).toEqual([
    {
      ...{ name: 'docs__review', title: 'Review a text', source: 'docs', localName: 'review', right: 'prompt:docs__review' },
      description: 'Asks for a review of a text, in the language of its readers.',
      arguments: [
        { name: 'language', title: 'Language', description: 'Of the readers.', required: true },
        { name: 'a/b~c', title: '', description: 'An odd name.', required: false },
      ],
    },
  ])
  expect(seen).toMatchObject({ prompts: [{ name: 'docs__plain', arguments: [] }], total: 1, sources: [{ count: 1 }] })
})

test('gets a prompt as its upstream answers it, as a part of the call', async () => {
  const { module, entries } = library()
  const house = await openTestHouse({ extra: [module] })

  const told = await post(house, '/prompts/docs__review', { arguments: { language: 'English' } })
  const { calls } = await get(house, '/audit/calls?nested=true&tool=prompt_get')

  expect(told).toMatchObject({
    name: 'docs__review',
    result: { messages: [{ role: 'user', content: { text: expect.stringContaining('English') } }, {}], _meta: { kept: true } },
  })
  expect(calls).toMatchObject([{ outcome: 'ok', parts: [{ tool: 'prompt:docs__review', kind: 'prompt', outcome: 'ok' }] }])
  expect(entries).toMatchObject([{ transport: 'rest', isPart: true }])
})

test('leaves the right to a prompt to the door, which records the refusal', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const token = await house.token('prompt.read')

  const refused = await post(house, '/prompts/docs__review', {}, token)
  const missing = await post(house, '/prompts/docs__nothing', {}, token)
  const { calls } = await get(house, '/audit/calls?kind=prompt')

  expect([refused.code, missing.code]).toEqual(['forbidden', 'not_found'])
  expect(refused.detail).toContain('prompt:docs__review')
  expect(calls).toMatchObject([{ tool: 'prompt:docs__review', outcome: 'forbidden', stage: 'permit' }])
})

test('asks for values of an argument with the right to its prompt', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const token = await house.token('prompt.read', 'prompt:docs__plain')
  const body = { argument: 'language', value: 'En', arguments: { b: 'x' } }

  const told = await post(house, '/prompts/docs__review/completion', body)
  const refused = await post(house, '/prompts/docs__review/completion', body, token)

  expect(told).toEqual({
    values: ['{"name":"language","value":"En"}', '{"arguments":{"b":"x"}}'],
    total: 3,
    hasMore: true,
  })
  expect(refused.code).toBe('forbidden')
})

test('what the upstream reports and asks meanwhile reaches the client', async () => {
  const { module, entries } = library()
  const { gatehouse } = await openTestHouse({ extra: [module] })
  const reports: unknown[] = []
  const client: Client = {
    capabilities: { roots: {} },
    info: undefined,
    logLevel: 'info',
    takesInputRequired: true,
    standing: undefined,
  }

  await gatehouse.door.enter(
    systemCaller,
    'prompt_get',
    { name: 'docs__plain' },
    {
      ...{ transport: 'mcp', requestId: 'test', sessionKey: 'one', signal: new AbortController().signal, client },
      progress: (report) => void reports.push(report),
      ask: async (method) => ({ asked: method }),
    },
  )
  const [entry] = entries
  entry?.progress?.({ progress: 1 })

  expect(entry).toMatchObject({ sessionKey: 'one', isPart: true, client })
  expect(await entry?.ask?.('roots/list', {}, entry.signal)).toEqual({ asked: 'roots/list' })
  expect(reports).toEqual([{ progress: 1 }])
})

test('a prompt that asks for input in its answer is left to the method that can hand that on', async () => {
  const house = await openTestHouse({ extra: [library().module] })

  const told = await post(house, '/prompts/docs__asking', {})

  expect(told).toMatchObject({ code: 'unavailable', detail: expect.stringContaining('prompt:docs__asking asks for input') })
})

test('the page of a prompt has a field for each argument, and shows what came', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const browser = await openBrowser(house)

  const page = await (await browser.get('/prompts/docs__review')).text()
  const fields = {
    '/name': 'docs__review',
    '/arguments/language': 'English',
    '/arguments/a~1b~0c': '',
    _back: '/prompts/docs__review',
  }
  const answered = await (await browser.post('/op/prompt_get', fields)).text()

  expect(page).toMatch(/name="\/arguments\/language" required/)
  expect(page).toContain('name="/arguments/a~1b~0c"')
  expect(outcomeOn(answered)).toBe('ok')
  expect(answered).toContain('{&quot;language&quot;:&quot;English&quot;}')
  expect(answered).toContain('src="data:image/png;base64,')
  expect(answered).toMatch(/name="\/arguments\/language"[^>]* value="English"/)
})

test('is no tool: the form of a tool does not reach it', async () => {
  const { module, entries } = library()
  const house = await openTestHouse({ extra: [module] })
  const browser = await openBrowser(house)

  const reply = await browser.post('/tools/prompt%3Adocs__plain', {})
  const { calls } = await get(house, '/audit/calls?transport=web')

  expect(reply.status).toBe(404)
  expect(entries).toEqual([])
  expect(calls).toMatchObject([{ tool: 'tool/prompt:docs__plain', outcome: 'not_found' }])
})

test('nothing that a prompt says of itself or answers becomes markup', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const browser = await openBrowser(house)
  const path = `/prompts/${encodeURIComponent(`docs__${HOSTILE}`)}`

  const pages = await Promise.all(
    [
      browser.get('/prompts'),
      browser.get(path),
      browser.post('/op/prompt_get', { '/name': `docs__${HOSTILE}`, _back: path }),
      browser.get('/activity?kind=prompt'),
    ].map(async (reply) => (await reply).text()),
  )

  expect(outcomeOn(pages[2]!)).toBe('ok')
  for (const page of pages) expect(page).not.toContain('<script>document')
  expect((await browser.get('/prompts/docs__nothing')).status).toBe(404)
})
