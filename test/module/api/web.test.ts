import { expect, test } from 'vitest'
import { openApis, petsDocument } from './open-apis.ts'

/** The pages of a signed-in administrator. */
async function openPages() {
  const apis = await openApis({ working: false })
  const { cookie, csrf } = await apis.house.session()
  const init = { redirect: 'manual', headers: { cookie } } as const
  return {
    ...apis,
    page: async (path: string) => (await apis.house.fetch(path, undefined, init)).text(),
    async post(operation: string, fields: readonly (readonly [string, string])[]) {
      const body = new URLSearchParams([['_csrf', csrf], ...fields].map(([name = '', value = '']) => [name, value]))
      const reply = await apis.house.fetch(`/op/${operation}`, undefined, { ...init, method: 'POST', body })
      return { status: reply.status, location: reply.headers.get('location'), text: await reply.text() }
    },
  }
}

test('a registration of hundreds of operations that is refused keeps all that was typed', async () => {
  const { post } = await openPages()
  const many = Object.fromEntries(
    Array.from({ length: 400 }, (_, index) => [`/thing-${index}`, { get: { responses: { 200: { description: '' } } } }]),
  )
  const read = await post('api_preview', [
    ['document', petsDocument('https://zoo.example', many)],
    ['_back', '/new/api'],
    ['_next', '/new/api/:preview'],
  ])
  expect(read.status).toBe(303)
  const keys = Array.from({ length: 399 }, (_, index) => `GET /thing-${index}`)

  const refused = await post('api_register', [
    ['_back', read.location!],
    ['preview', read.location!.split('/').at(-1)!],
    ['/alias', 'Not An Alias'],
    ['/serverUrl', 'https://elsewhere.example'],
    ['/credential/kind', 'bearer'],
    ...['', '', ...keys].map((key) => ['/only', key] as const),
  ])

  expect(refused.status).toBe(400)
  expect(refused.text).toMatch(/name="\/alias"[^>]*value="Not An Alias"/)
  expect(refused.text).toContain('https://elsewhere.example')
  expect(refused.text).toMatch(/value="GET \/thing-398" checked/)
  expect(refused.text).toMatch(/value="GET \/thing-399">/)
})

test('without one box ticked, nothing becomes a tool', async () => {
  const { call, post } = await openPages()
  const { location } = await post('api_preview', [
    ['document', petsDocument('https://zoo.example')],
    ['_next', '/new/api/:preview'],
  ])

  const told = await post('api_register', [
    ['preview', location!.split('/').at(-1)!],
    ['/alias', 'zoo'],
    ['/only', ''],
    ['/only', ''],
    ['_next', '/apis/:alias/ready'],
  ])

  expect(told).toMatchObject({ status: 303, location: '/apis/zoo/ready' })
  expect(await call('api_get', { alias: 'zoo' })).toMatchObject({ toolCount: 0, offCount: 5 })
})

test('what a document says stays text on every page', async () => {
  const { call, page } = await openPages()
  const evil = `<img src=x onerror=alert(1)>`
  const document = petsDocument('https://zoo.example', {
    '/evil': {
      get: { operationId: 'evil', summary: evil, description: evil, tags: [evil], responses: { 200: { description: '' } } },
    },
    [`/${evil}`]: { get: 7 },
  }).replace('"title":"Pets"', `"title":${JSON.stringify(evil)}`)
  const { preview } = await call('api_preview', { document })
  await call('api_register', { alias: 'zoo', preview })

  for (const path of [
    '/apis',
    '/apis/zoo',
    '/apis/zoo/ready',
    '/apis/zoo/operation?key=GET%20/evil',
    '/apis/zoo/versions/1',
    '/apis/zoo/settings',
  ]) {
    const text = await page(path)
    expect(text.length).toBeGreaterThan(2_000)
    expect(text, path).not.toContain('<img')
  }
})
