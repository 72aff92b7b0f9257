import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageFaults } from '../../page-faults.ts'
import { openSignedInPage } from '../../signed-in-page.ts'
import { ask, get } from './ask.ts'
import { callOverMcp } from './mcp.ts'
import { openFunctions } from './open-functions.ts'

const CHROMIUM = '/usr/bin/chromium'

describe.skipIf(!existsSync(CHROMIUM))(`in a real browser (${CHROMIUM}; skipped where it is not installed)`, () => {
  const functions = openFunctions()
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  })
  afterAll(() => browser.close())

  const signIn = (options?: BrowserContextOptions): Promise<Page> => openSignedInPage(browser, functions.house.url, options)

  const create = async (page: Page, name: string): Promise<void> => {
    await page.goto('/new/function')
    await page.locator('[name="/name"]').fill(name)
    await page.getByRole('button', { name: 'Create the draft' }).click()
    await page.waitForURL(`/functions/${name}/edit`)
  }

  const source = (page: Page) => page.getByRole('textbox', { name: 'Source' })

  test('a person writes a function, mends it, tests it and publishes it; an agent calls it, and its logs are found', async () => {
    const page = await signIn()
    await create(page, 'greet')
    await page.getByText('Nothing is wrong with it.').waitFor()

    await source(page).fill(
      'export default ({ name }, { log }) => {\n  log("greeting", name)\n  return { greeting: "Hello" name }\n}\n',
    )
    const problem = page.locator('[data-problems] li').first()
    await problem.waitFor()
    expect(await problem.textContent()).toMatch(/Line [34]/)
    expect(await page.locator('[data-editor-lines] [data-bad]').count()).toBe(1)
    await problem.getByRole('button').click()
    expect(await page.evaluate('document.activeElement.id')).toBe('source')

    await source(page).fill(
      'export default ({ name }, { log }) => {\n  log("greeting", name)\n  return { greeting: "Hello " + name }\n}\n',
    )
    await page.getByText('Nothing is wrong with it.').waitFor()
    expect(await page.locator('[data-editor-lines] [data-bad]').count()).toBe(0)

    await page.locator('[name="/input"]').fill('{"name": "Ada"}')
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await page.locator('output[data-outcome="ok"]').waitFor()
    expect(await page.locator('output').textContent()).toContain('Hello Ada')
    expect(await page.locator('output .log').textContent()).toContain('greeting Ada')
    expect(await page.getByText('Not saved yet.').isVisible()).toBe(true)

    await page.getByRole('button', { name: 'Save the draft' }).click()
    await page.getByText('The draft is saved.').waitFor()
    await page.locator('[name="/note"]').fill('First.')
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    await page.waitForURL('/functions/greet')
    await page.getByRole('row', { name: /Version 1 current/ }).waitFor()

    const { result } = await callOverMcp(functions.house, 'tools/call', { name: 'fn__greet', arguments: { name: 'agent' } })
    expect(result.structuredContent).toEqual({ greeting: 'Hello agent' })
    await functions.lastRun('greet')
    await page.goto('/functions/greet')
    await page.locator('#function tbody a').first().click()
    await page.getByText('greeting agent').waitFor()
  })

  test('the page of a function shows what calls get, not what was written since', async () => {
    const { updatedAt } = await functions.publish('armed', 'export default () => 1', { keys: ['self.read'] })
    await get(functions.house, 'PUT', '/functions/armed', { updatedAt, source: 'export default () => 1', keys: [] })

    const page = await signIn()
    await page.goto('/functions/armed')

    const state = page.getByRole('region', { name: 'State' })
    expect(await state.textContent()).toContain('of version 1')
    expect(await state.locator('.tag').allTextContents()).toEqual(['self.read'])
  })

  test('what is rewritten in another language is tested in that, before it is saved', async () => {
    const page = await signIn()
    await create(page, 'rewritten')
    await page.locator('[name="/language"]').selectOption('typescript')
    await source(page).fill('export default ({ name }: { name: string }): string => "Hi " + name\n')
    await page.getByText('Nothing is wrong with it.').waitFor()

    await page.locator('[name="/input"]').fill('{"name": "Ada"}')
    await page.getByRole('button', { name: 'Test', exact: true }).click()

    await page.locator('output[data-outcome="ok"]').waitFor()
    expect(await page.locator('output').textContent()).toContain('Hi Ada')
  })

  test('the editor is used by keyboard alone and holds nobody', async () => {
    const page = await signIn()
    await create(page, 'keys')
    await source(page).fill('a')
    await source(page).press('Home')
    await page.keyboard.press('Tab')
    await page.keyboard.press('End')
    await page.keyboard.type(' {')
    await page.keyboard.press('Enter')
    await page.keyboard.type('b')

    expect(await source(page).inputValue()).toBe('  a {\n    b')
    await page.keyboard.press('Shift+Tab')
    expect(await source(page).inputValue()).toBe('  a {\n  b')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).not.toBe('source')
    page.on('dialog', (dialog) => dialog.accept())
  })

  test('adding a key keeps what was typed, and the editor goes on', async () => {
    const page = await signIn()
    await create(page, 'rows')
    await source(page).fill('export default () => 12345')
    await page.getByRole('button', { name: 'Add an item to Keys' }).click()
    await page.locator('[name="/keys/0"]').fill('tool:fn__greet')

    expect(await source(page).inputValue()).toBe('export default () => 12345')
    await page.getByRole('button', { name: 'Save the draft' }).click()
    await page.getByText('The draft is saved.').waitFor()
    expect(await get(functions.house, 'GET', '/functions/rows')).toMatchObject({ draft: { keys: ['tool:fn__greet'] } })
  })

  test('everything works without JavaScript', async () => {
    const page = await signIn({ javaScriptEnabled: false })
    await create(page, 'plain')
    await source(page).fill('export default ({ n }) => {\n  return n +\n}')
    await page.getByRole('button', { name: 'Save the draft' }).click()
    await page.getByRole('button', { name: 'Check', exact: true }).click()
    expect(await page.locator('[data-problems]').textContent()).toContain('Line 3')
    await page.getByRole('button', { name: 'Publish', exact: true }).click()
    expect(await page.getByRole('alert').textContent()).toContain('line 3')

    await source(page).fill('export default ({ name }) => name.length')
    await page.getByRole('button', { name: 'Save the draft' }).click()
    await page.locator('[name="/input"]').fill('{"name": "four"}')
    await page.getByRole('button', { name: 'Test', exact: true }).click()

    expect(await page.locator('output[data-outcome="ok"]').textContent()).toContain('4')
  })

  test('what a function says stays text', async () => {
    const hostile = '<img src=x onerror="document.title=1"></script><script>document.title=1</script>'
    await functions.publish(
      'hostile',
      `export default (_, { log }) => { log(${JSON.stringify(hostile)}); throw new Error(${JSON.stringify(hostile)}) }`,
      {
        title: hostile,
        description: hostile,
      },
    )
    await ask(functions.house, 'POST', '/tools/fn/hostile', {})
    const { id } = await functions.lastRun('hostile')

    const page = await signIn()
    for (const path of [
      '/functions',
      '/functions/hostile',
      '/functions/hostile/edit',
      `/functions/hostile/runs/${id}`,
      '/functions/hostile/versions/1',
    ]) {
      await page.goto(path)
      expect(await page.locator('main img').count(), path).toBe(0)
      expect(await page.title(), path).not.toBe('1')
    }
  })

  test('every page about functions is accessible and fits its window', async () => {
    const name = 'shown'
    const { updatedAt } = await functions.publish(name, 'export default (_, { log }) => { log("a"); return { a: 1 } }')
    await get(functions.house, 'PUT', `/functions/${name}`, {
      updatedAt,
      source: 'export default () => 2',
      keys: ['self.read'],
    })
    await functions.publish(`${name}_failing`, 'export default () => { throw new Error("No") }')
    await get(functions.house, 'POST', `/functions/${name}/versions`, { note: 'Second.' })
    await ask(functions.house, 'POST', `/tools/fn/${name}_failing`, {})
    const { id } = await functions.lastRun(`${name}_failing`)
    const page = await signIn()

    const wrong: string[] = []
    for (const path of [
      '/functions',
      `/functions/${name}`,
      `/functions/${name}/edit`,
      `/functions/${name}/versions/2`,
      `/functions/${name}_failing/runs/${id}`,
      `/tools/fn__${name}`,
    ]) {
      await page.goto(path)
      if (path.endsWith('edit')) await page.getByText('Nothing is wrong with it.').waitFor()
      wrong.push(...(await pageFaults(page, path)))
    }

    expect(wrong).toEqual([])
  }, 60_000)
})
