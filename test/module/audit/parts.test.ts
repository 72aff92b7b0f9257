import { expect, test } from 'vitest'
import { openTestHouse } from '../../support.ts'
import { openBrowser } from '../../transport/web/house.ts'
import { library } from '../prompt/library.ts'

test('the activity shows a part under its call, and each leads to the other', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const browser = await openBrowser(house)
  const page = async (path: string) => (await browser.get(path)).text()
  await house.fetch('/api/prompts/docs__plain', house.adminToken, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  })

  const list = await page('/activity')
  const [, call, part] =
    /href="\/activity\/(\d+)">prompt_get<.*<tr class="part">.*href="\/activity\/(\d+)">prompt:docs__plain</s.exec(list)!
  const [whole, ofPart] = [await page(`/activity/${call}`), await page(`/activity/${part}`)]
  const searched = await page('/activity?q=docs__plain')
  const parts = await page(`/activity?parentId=${call}`)

  expect(list.match(/>prompt:docs__plain</g)).toHaveLength(1)
  expect(whole).toMatch(new RegExp(`id="parts".*href="/activity/${part}"`, 's'))
  expect(ofPart).toContain(`part of <a href="/activity/${call}">another call</a>`)
  for (const found of [searched, parts]) {
    expect(found).toContain(`href="/activity/${part}"`)
    expect(found).not.toContain('class="part"')
  }
})

test('what the console asks for a person is shown by itself, since the page that asked is not', async () => {
  const house = await openTestHouse({ extra: [library().module] })
  const browser = await openBrowser(house)
  await browser.post('/op/prompt_get', { '/name': 'docs__plain' })

  const list = await (await browser.get('/activity')).text()

  expect(list).toContain('>prompt:docs__plain<')
  expect(list).not.toContain('>prompt_get<')
  expect(list).not.toContain('class="part"')
})
