import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { functionLane } from '../../../queue/function.lane.ts'
import { pageFaults } from '../../page-faults.ts'
import { openSignedInPage } from '../../signed-in-page.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'

const CHROMIUM = '/usr/bin/chromium'

const PAYLOAD = {
  kind: 'check',
  program: {
    hash: 'a'.repeat(64),
    language: 'javascript',
    backend: 'wasm',
    image: null,
    limits: { memoryBytes: 1, timeoutMs: 1, maxOutputBytes: 1, maxLogBytes: 1 },
    source: '1',
  },
} as const

describe.skipIf(!existsSync(CHROMIUM))(`in a real browser (${CHROMIUM}; skipped where it is not installed)`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  })

  afterAll(() => browser.close())

  /** A house in whose lane jobs wait that nobody takes. */
  async function openBusyHouse(): Promise<TestHouse> {
    const house = await openTestHouse({ onDisk: true })
    for (const token of ['user:1', 'user:1', 'user:2']) await house.gatehouse.queue.add(functionLane, PAYLOAD, { token })
    return house
  }

  const signIn = (house: TestHouse, options?: BrowserContextOptions): Promise<Page> =>
    openSignedInPage(browser, house.url, options)

  test.each([true, false])(
    'an operator checks now, sees why, and follows it to its history (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const page = await signIn(await openBusyHouse(), { javaScriptEnabled })

      await page.getByRole('link', { name: 'Monitor' }).first().click()
      await page.getByRole('button', { name: 'Check now' }).click()
      await page.getByText('Everything was checked.').waitFor()
      await page.getByRole('button', { name: 'Check now' }).click()
      await page.getByText('Failing: No worker serves the lane function, and 3 jobs of it wait.').waitFor()
      expect(await page.getByRole('row', { name: /user:1.*2 of/ }).count()).toBe(1)
      await page.getByRole('link', { name: 'History of lane of function' }).click()

      await page.getByRole('heading', { name: 'Lane function' }).waitFor()
      await page.getByRole('cell', { name: 'failing' }).waitFor()
      await page.getByRole('link', { name: '7d' }).click()
      await page.waitForURL('**/monitor/lane/function?window=7d')
      await page.getByRole('cell', { name: 'failing' }).waitFor()
    },
  )

  test('a round shows up on an open page by itself', async () => {
    const house = await openBusyHouse()
    const { rounds } = house.gatehouse.store<any>('monitor')
    const page = await signIn(house)
    await page.goto('/monitor')
    await page.locator('[data-live-state][data-state="on"]').waitFor()

    await rounds.run()
    await rounds.run()

    await page.getByText('Failing: No worker serves the lane function').waitFor()
  })

  test('who may not check is not asked to, and who may not see lanes sees none', async () => {
    const house = await openBusyHouse()

    const html = await (await house.fetch('/monitor', await house.token('monitor.read', 'self.read'))).text()

    expect(html).toContain('id="verdict"')
    expect(html).not.toContain('Check now')
    expect(html).not.toContain('Tokens nearest their limits')
  })

  test('the pages are accessible and fit their window', async () => {
    const house = await openBusyHouse()
    const { rounds } = house.gatehouse.store<any>('monitor')
    await rounds.run()
    await rounds.run()
    const page = await signIn(house)

    for (const path of ['/monitor', '/monitor/lane/function', '/monitor/store/audit', '/monitor/disk/nothing', '/']) {
      await page.goto(path)
      expect(await pageFaults(page, path)).toEqual([])
    }
  }, 60_000)
})
