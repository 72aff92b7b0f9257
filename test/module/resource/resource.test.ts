import { expect, test } from 'vitest'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { openBrowser, outcomeOn } from '../../transport/web/house.ts'
import { HOSTILE, library } from '../prompt/library.ts'

const get = async (house: TestHouse, path: string, token = house.adminToken): Promise<any> =>
  (await house.fetch(`/api${path}`, token)).json()

const post = async (house: TestHouse, path: string, body: object, token = house.adminToken): Promise<any> => {
  const headers = { 'content-type': 'application/json' }
  return (await house.fetch(`/api${path}`, token, { method: 'POST', headers, body: JSON.stringify(body) })).json()
}

test('lists the resources and templates that the caller may read, found by every word of a search', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const narrow = await house.token('resource.read', 'resource:docs__file:///notes/*')

  const found = await get(house, '/resources?text=ABOUT%20readme')
  const templates = await get(house, '/resources/templates')
  const [seen, unseen] = [await get(house, '/resources', narrow), await get(house, '/resources/templates', narrow)]

  const about = { source: 'docs', title: 'Read me', description: 'What this is about.', mimeType: 'text/markdown' }
  const uri = 'file:///notes/readme.md'
  expect(found).toEqual({
    resources: [{ ...about, uri, name: 'readme', right: `resource:docs__${uri}`, sizeBytes: 812 }],
    total: 1,
    sources: [{ name: 'docs', count: 4 }],
  })
  expect(templates.templates).toMatchObject([{ uriTemplate: 'page://{section}/{+path}', variables: ['section', 'path'] }])
  expect(seen.resources.map((one: { name: string }) => one.name)).toEqual(['all', 'logo', 'readme'])
  expect(unseen).toEqual({ templates: [], total: 0, sources: [] })
})

test('reads a resource as its upstream answers it, listed or not, or by a template', async () => {
  const house = await openTestHouse({ extra: [library().module] })

  const listed = await post(house, '/resources/read', { uri: 'file:///notes/readme.md' })
  const variables = { section: 'a b', path: 'c/d' }
  const filled = await post(house, '/resources/read', { uri: 'page://{section}/{+path}', variables })
  const missing = await post(house, '/resources/read', { uri: 'file:///nowhere' })
  const { calls } = await get(house, '/audit/calls?kind=resource')

  expect(listed.result.contents).toMatchObject([{ text: '# Notes\n\nRead them.' }])
  expect(filled).toEqual({
    uri: 'page://a%20b/c/d',
    result: { contents: [{ uri: 'page://a%20b/c/d', text: 'An unlisted page.' }] },
  })
  expect(missing.code).toBe('not_found')
  expect(calls.map(({ tool }: { tool: string }) => tool)).toEqual([
    'resource:docs__page://a%20b/c/d',
    'resource:docs__file:///notes/readme.md',
  ])
})

test('leaves the right to a resource to the door, which records the refusal', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const token = await house.token('resource.read', 'resource:docs__page://a/*')

  const refused = await post(house, '/resources/read', { uri: 'file:///notes/readme.md' }, token)
  const beyond = await post(house, '/resources/read', { uri: 'page://{section}/x', variables: { section: 'b' } }, token)
  const within = await post(house, '/resources/read', { uri: 'page://a/b' }, token)
  const { calls } = await get(house, '/audit/calls?kind=resource&outcome=forbidden')

  expect([refused.code, beyond.code, within.uri]).toEqual(['forbidden', 'forbidden', 'page://a/b'])
  expect(calls).toHaveLength(2)
})

test('asks for values of a variable with the right to its template', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const token = await house.token('resource.read', 'resource:docs__file:*')
  const body = { uriTemplate: 'page://{section}/{+path}', variable: 'section', value: 'a' }

  const told = await post(house, '/resources/completion', body)
  const refused = await post(house, '/resources/completion', body, token)

  expect(told.values).toEqual(['{"name":"section","value":"a"}', 'null'])
  expect(refused.code).toBe('forbidden')
})

test('the explainer knows what resources are called, and says what may be done', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const token = await house.token('self.read', 'resource:docs__file:///notes/*')
  const explain = (name: string) => get(house, `/explain?tool=${encodeURIComponent(name)}`, token)

  const readme = await explain('resource:docs__file:///notes/readme.md')
  const page = await explain('completion:resource:docs__page://{section}/{+path}')
  const nothing = await explain('resource:docs__file:///nowhere')

  expect(readme).toMatchObject({ allowed: true, key: 'resource:docs__file:///notes/readme.md' })
  expect(page).toMatchObject({ allowed: false, key: 'resource:docs__page://{section}/{+path}' })
  expect(nothing.code).toBe('not_found')
})

test('the pages show resources, fill in a template and read it', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const browser = await openBrowser(house)
  const uri = 'page://{section}/{+path}'
  const path = `/resources/one?${new URLSearchParams({ template: uri, source: 'docs' })}`

  const list = await (await browser.get('/resources')).text()
  const form = await (await browser.get(path)).text()
  const fields = { '/uri': uri, '/source': 'docs', '/variables/section': 'a', '/variables/path': 'b', _back: path }
  const answered = await (await browser.post('/op/resource_read', fields)).text()
  const picture = { '/uri': 'file:///notes/logo.png', _back: '/resources/one?uri=file%3A%2F%2F%2Fnotes%2Flogo.png' }
  const shown = await (await browser.post('/op/resource_read', picture)).text()

  expect(list).toContain(`template=${encodeURIComponent(uri)}`)
  expect(form).toContain('name="/variables/section"')
  expect([outcomeOn(answered), outcomeOn(shown)]).toEqual(['ok', 'ok'])
  expect(answered).toContain('An unlisted page.')
  expect(shown).toContain('src="data:image/png;base64,')
})

test('nothing that a resource says of itself or holds becomes markup', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const browser = await openBrowser(house)
  const uri = `evil://${HOSTILE}`
  const path = `/resources/one?${new URLSearchParams({ uri })}`

  const replies = [browser.get('/resources'), browser.get(path), browser.post('/op/resource_read', { '/uri': uri, _back: path })]
  const pages = await Promise.all(replies.map(async (reply) => (await reply).text()))

  expect(outcomeOn(pages[2]!)).toBe('ok')
  for (const page of pages) expect(page).not.toContain('<script>document')
})
