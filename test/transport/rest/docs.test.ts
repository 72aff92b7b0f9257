import { existsSync } from 'node:fs'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rehearsal } from '../../fixture/rehearsal.ts'
import { openTestHouse, type TestHouse } from '../../support.ts'

const CHROMIUM = '/usr/bin/chromium'

let house: TestHouse

beforeAll(async () => {
  house = await openTestHouse({ extra: [rehearsal], until: 'suite' })
})

test('the fault reference that problem documents point to is there, without credentials', async () => {
  const { type } = (await (await house.fetch('/api/tools', undefined)).json()) as { type: string }
  const reply = await house.fetch(type, undefined)

  expect(reply.status).toBe(200)
  expect(await reply.text()).toContain(`\n## ${type.split('#')[1]}\n`)
})

test('the page forbids inline scripts and styles, other origins and frames', async () => {
  const policy = (await house.fetch('/api/docs', undefined)).headers.get('content-security-policy')

  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
})

test.each(['package.json', 'swagger-ui-standalone-preset.js', '%2e%2e/index.js', '..%2f..%2fpackage.json'])(
  'no file besides those of the page is served: %s',
  async (file) => {
    expect((await house.fetch(`/api/docs/static/${file}`, undefined)).status).toBeGreaterThanOrEqual(400)
  },
)

describe.skipIf(!existsSync(CHROMIUM))(`the page in a browser (skipped without ${CHROMIUM})`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })
  afterAll(() => browser.close())

  async function open(path: string, cookie?: string): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext()
    if (cookie) {
      const [name, value] = cookie.split('=', 2) as [string, string]
      await context.addCookies([{ name, value, url: house.url }])
    }
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
    page.on('pageerror', (error) => void complaints.push(error.message))
    await page.goto(house.url + path)
    return { page, complaints }
  }

  test('shows the operations to who is signed in, and calls one', async () => {
    const { page, complaints } = await open('/api/docs', (await house.session()).cookie)
    const operation = page.locator('#operations-rehearsal-rehearsal_list')

    await operation.locator('.opblock-summary-control').click()
    await operation.getByRole('button', { name: 'Execute' }).click()
    await operation.locator('.live-responses-table .response-col_status').first().waitFor()

    expect(await operation.locator('.live-responses-table tbody .response-col_status').first().innerText()).toContain('200')
    expect(complaints).toEqual([])
  })

  test('asks others to sign in', async () => {
    const { page } = await open('/api/docs')

    await page.locator('#sign-in').waitFor({ state: 'visible' })

    expect(await page.locator('#viewer').innerHTML()).toBe('')
  })

  test('shows the tools where they are asked for', async () => {
    const { page, complaints } = await open('/api/docs?document=tools', (await house.session()).cookie)

    await page.getByRole('heading', { name: /Gatehouse tools/ }).waitFor()

    expect(complaints).toEqual([])
  })
})
