import { existsSync } from 'node:fs'
import AxeBuilder from '@axe-core/playwright'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSignedInPage } from '../../signed-in-page.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'
import { HOSTILE, library } from './library.ts'

const CHROMIUM = '/usr/bin/chromium'
const TEMPLATE = `/resources/one?${new URLSearchParams({ template: 'page://{section}/{+path}', source: 'docs' })}`

describe.skipIf(!existsSync(CHROMIUM))(
  `prompts and resources in a real browser (${CHROMIUM}; skipped where it is not installed)`,
  () => {
    let browser: Browser
    let house: TestHouse

    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
      house = await openTestHouse({ extra: [library().module], until: 'suite' })
    })

    afterAll(() => browser.close())

    test('a person finds a prompt, is offered values for an argument, gets it, and finds its record', async () => {
      const page = await openSignedInPage(browser, house.url)
      await page.goto('/prompts?q=readers')
      await page.getByRole('link', { name: /^review/ }).click()

      await page.getByLabel('Language').fill('En')
      await page.locator('datalist option').first().waitFor({ state: 'attached' })
      const offered = await page
        .locator('datalist option')
        .evaluateAll((options) => options.map((one) => (one as HTMLOptionElement).value))
      await page.getByLabel('Language').fill('English')
      await page.getByRole('button', { name: 'Get it' }).click()
      await page.locator('output[data-outcome="ok"]').waitFor()

      expect(offered[0]).toBe('{"name":"language","value":"En"}')
      expect(await page.locator('output').textContent()).toContain('"language":"English"')
      await page.getByRole('link', { name: 'Who got it, and when' }).click()
      await page.getByRole('row', { name: /prompt:docs__review .* ok/ }).waitFor()
    })

    test('a person fills in a template and reads it, without JavaScript as well', async () => {
      const page = await openSignedInPage(browser, house.url, { javaScriptEnabled: false })
      await page.goto('/resources')
      await page.getByRole('link', { name: /^page:/ }).click()

      await page.getByLabel('Section').fill('a b')
      await page.getByRole('button', { name: 'Read it' }).click()

      expect(await page.locator('output[data-outcome="ok"]').textContent()).toContain('page://a%20b/')
    })

    test('pages of one prompt and one template are accessible and fit a phone', async () => {
      const page = await openSignedInPage(browser, house.url, { viewport: { width: 390, height: 844 } })
      const paths = ['/prompts/docs__review', `/prompts/${encodeURIComponent(`docs__${HOSTILE}`)}`, TEMPLATE]
      const found = []
      for (const path of paths) {
        await page.goto(path)
        const { violations } = await new AxeBuilder({ page }).analyze()
        const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
        const wrong = violations.map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html.slice(0, 200)) }))
        found.push({ path, wrong, isTooWide })
      }

      expect(found).toEqual(paths.map((path) => ({ path, wrong: [], isTooWide: false })))
    })
  },
)
