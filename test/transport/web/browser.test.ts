import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { matchPath } from '../../../src/transport/web/match-path.ts'
import { pageFaults } from '../../page-faults.ts'
import { openSignedInPage } from '../../signed-in-page.ts'
import { ADMIN, openTestHouse, type TestHouse } from '../../support.ts'
import { openWatchedPage } from '../../watched-page.ts'
import { FOREVER, HOSTILE, hostileSource } from './house.ts'

const CHROMIUM = '/usr/bin/chromium'

/** Pages about one thing that are held where such a thing is made, by `pageFaults` as well. */
const HELD_BY_THEIR_MODULES = [
  ...['/apis/:alias', '/apis/:alias/ready', '/apis/:alias/settings', '/apis/:alias/document', '/apis/:alias/operation'],
  ...['/apis/:alias/versions/:version', '/new/api/:preview', '/prompts/:name', '/queue/:lane', '/queue/:lane/:id'],
  ...['/monitor/:check/:subject', '/functions/:name', '/functions/:name/edit', '/functions/:name/versions/:version'],
  '/functions/:name/runs/:id',
]
const BIN = new URL('../../../node_modules/.bin', import.meta.url).pathname

describe.skipIf(!existsSync(CHROMIUM))(`in a real browser (${CHROMIUM}; skipped where it is not installed)`, () => {
  let browser: Browser
  let house: TestHouse
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'gatehouse-browser-'))
    await writeFile(join(folder, 'hello.txt'), 'Hello from the other side of the door.')
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
    house = await openTestHouse({ extra: [hostileSource().module], until: 'suite' })
  })

  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true })
  })

  const signIn = (options?: BrowserContextOptions): Promise<Page> => openSignedInPage(browser, house.url, options)

  const addFiles = async (page: Page): Promise<void> => {
    await page.goto('/upstreams')
    if ((await page.getByRole('heading', { name: 'files' }).count()) > 0) return
    await page.goto('/new/upstream')
    await page.getByLabel('Alias').fill('files')
    await page.locator('[name="/command"]').fill(join(BIN, 'mcp-server-filesystem'))
    await page.getByRole('button', { name: 'Add an item to Args' }).click()
    await page.locator('[name="/args/0"]').fill(folder)
    await page.getByRole('button', { name: 'Add and connect' }).click()
    await page.waitForURL('/upstreams/files')
  }

  test('a person adds an upstream, tries one of its tools, and finds the call and a refusal in the activity', async () => {
    const page = await signIn()
    await addFiles(page)
    expect(await page.getByText('connected', { exact: true }).count()).toBeGreaterThan(0)

    await page.goto('/tools')
    await page.getByRole('link', { name: /^read_text_file/ }).click()
    await page.locator('[name="/path"]').fill(join(folder, 'hello.txt'))
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('output[data-outcome="ok"]').waitFor()
    expect(await page.locator('output').textContent()).toContain('Hello from the other side of the door.')

    const token = await house.token('tool:files__list_*')
    await house.fetch('/api/tools/files/read_text_file', token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{}',
    })
    await page.goto('/activity')
    await page.getByRole('row', { name: /files__read_text_file .* ok/ }).waitFor()
    await page
      .getByRole('row', { name: /files__read_text_file .* forbidden/ })
      .getByRole('link')
      .click()
    await page.getByRole('link', { name: 'Explain why' }).click()
    expect(await page.getByRole('heading', { name: 'root may not.' }).count()).toBe(1)
  })

  test('everything works without JavaScript but being live', async () => {
    const page = await signIn({ javaScriptEnabled: false })
    await addFiles(page)

    await page.goto('/tools/files__read_multiple_files')
    await page.getByRole('button', { name: 'Add an item to paths' }).click()
    await page.locator('[name="/paths/0"]').fill(join(folder, 'hello.txt'))
    await page.getByRole('button', { name: 'Run', exact: true }).click()

    expect(await page.locator('output[data-outcome="ok"]').textContent()).toContain('Hello from the other side')
  })

  test('a call shows up on an open page by itself', async () => {
    const page = await signIn()
    const callHostile = () =>
      house.fetch('/api/tools/hostile/tool', house.adminToken, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"message":"live"}',
      })
    await callHostile()
    await page.goto('/activity?kind=dynamic')
    await page.locator('[data-live-state][data-state="on"]').waitFor()
    const rows = page.getByRole('row', { name: /hostile__tool .* ok/ })
    const before = await rows.count()
    const focused = page.locator('#calls a').first()
    const href = await focused.getAttribute('href')
    await focused.focus()

    await callHostile()
    await rows.nth(before).waitFor()

    // Whoever works with the keyboard is where they were.
    expect(await page.evaluate('document.activeElement.getAttribute("href")')).toBe(href)
  })

  test('a change of rights shows up on an open page by itself, although it ends the stream', async () => {
    const page = await signIn()
    await page.goto('/roles')
    await page.locator('[data-live-state][data-state="on"]').waitFor()

    await house.fetch('/api/roles/newcomer', house.adminToken, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: '{"keys":["tool:*"]}',
    })

    await page.getByRole('heading', { name: 'newcomer' }).waitFor()
  })

  test('a switch turns an upstream off and on', async () => {
    const page = await signIn()
    await addFiles(page)
    await page.goto('/upstreams')

    await page.getByRole('switch', { name: 'files is on' }).click()
    await page.getByText('files is switched off.').waitFor()
    await page.getByRole('switch', { name: 'files is off' }).click()
    await page.getByText('files is switched on.').waitFor()

    expect(await page.getByText('connected', { exact: true }).count()).toBeGreaterThan(0)
  })

  test('a refused form keeps what was typed and leads to the field', async () => {
    const page = await signIn()
    await page.goto('/new/upstream')
    await page.getByLabel('Alias').fill('Not An Alias')
    await page.locator('[name="/command"]').fill('node')
    await page.getByRole('button', { name: 'Add and connect' }).click()

    await page.getByRole('alert').waitFor()
    expect(await page.getByLabel('Alias').inputValue()).toBe('Not An Alias')
    expect(await page.locator('[name="/command"]').inputValue()).toBe('node')
    expect(await page.getByLabel('Alias').getAttribute('aria-invalid')).toBe('true')
  })

  test('a call that takes long says so and can be stopped, which ends it behind the door as well', async () => {
    const page = await signIn()
    await page.goto('/tools/hostile__tool')
    await page.locator('[name="/message"]').fill(FOREVER)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('button', { name: 'Stop' }).click()

    await page.getByText('Stopped.').first().waitFor()
    expect(await page.locator('[name="/message"]').inputValue()).toBe(FOREVER)
    await vi.waitFor(async () => {
      const stopped = await house.fetch('/api/audit/calls?tool=hostile__tool&outcome=cancelled', house.adminToken)
      expect(((await stopped.json()) as { calls: unknown[] }).calls).toHaveLength(1)
    })
  })

  test('a form outlives the session it was opened in: signing in elsewhere and sending it again is enough', async () => {
    const page = await signIn()
    await page.clock.install()
    await page.goto('/new/role')
    await page.locator('[name="/name"]').fill('patient')
    await page.locator('[name="/keys/0"]').fill('*.read')
    const elsewhere = await page.context().newPage()
    await elsewhere.goto('/account')
    await elsewhere.locator('summary').filter({ hasText: ADMIN.name }).click()
    await elsewhere.getByRole('button', { name: 'Sign out' }).click()
    await elsewhere.waitForURL(/sign-in/)

    await page.clock.fastForward('02:00')
    await page.getByRole('button', { name: 'Save the role' }).click()
    await page.getByText('Your session has ended.').waitFor()
    await elsewhere.getByLabel('Name').fill(ADMIN.name)
    await elsewhere.getByLabel('Password').fill(ADMIN.password)
    await elsewhere.getByRole('button', { name: 'Sign in' }).click()
    await elsewhere.waitForURL('/')
    await page.getByRole('button', { name: 'Save the role' }).click()

    await page.waitForURL('/roles')
    await page.getByRole('heading', { name: 'patient' }).waitFor()
  })

  test('what an upstream wrote stays text, in lists, forms and results', async () => {
    const page = await signIn()
    await page.goto('/tools')
    const title = await page.title()
    await page.goto('/tools/hostile__tool')
    await page.locator('[name="/message"]').fill(HOSTILE)
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.locator('output').waitFor()

    expect(await page.locator('main img').count()).toBe(0)
    expect(await page.locator('output').textContent()).toContain('<img src=x onerror=')
    expect(await page.title()).not.toBe('1')
    expect(title).not.toBe('1')
  })

  const paths = () => [
    ...house.gatehouse.pages.map(({ page }) => page.path).filter((path) => !path.includes(':')),
    '/upstreams/files',
    '/upstreams/files/edit',
    '/tools/files__edit_file',
    '/tools/hostile__tool',
    '/op/access_user_create',
    '/access?tool=files__read_text_file',
    '/roles/nobody',
    '/secrets/zoo',
    '/nothing/here',
    '/activity?outcome=forbidden&tool=nothing',
  ]

  test('every page is accessible and fits its window', async () => {
    const page = await signIn()
    await addFiles(page)
    await page.goto('/activity')
    const call = await page.locator('#calls a').first().getAttribute('href')
    await page.goto('/users')
    const user = await page.locator('#users a').first().getAttribute('href')

    await house.fetch('/api/secrets', house.adminToken, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'zoo', value: 'the key of the zoo', description: HOSTILE }),
    })

    const visited = [...paths(), call!, user!]
    const wrong: string[] = []
    for (const path of visited) {
      await page.goto(path)
      // The menu is another one in the small.
      wrong.push(...(await pageFaults(page, path, { everywhere: path === '/' })))
    }

    expect(wrong).toEqual([])
    const unvisited = house.gatehouse.pages
      .map(({ page }) => page.path)
      .filter((route) => !visited.some((path) => matchPath(route, path.split('?')[0]!)))
    expect(unvisited.sort()).toEqual(HELD_BY_THEIR_MODULES.toSorted())
  }, 240_000)

  test.each(['/sign-in', '/join'])('%s is accessible to whoever has no session', async (path) => {
    const page = await openWatchedPage(await browser.newContext({ baseURL: house.url }))
    await page.goto(path)

    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([])
  })
})
