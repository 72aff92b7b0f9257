import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pageFaults } from '../../page-faults.ts'
import { openSignedInPage } from '../../signed-in-page.ts'
import { type Apis, json, openApis, openServer, petsDocument } from './open-apis.ts'

const CHROMIUM = '/usr/bin/chromium'

describe.skipIf(!existsSync(CHROMIUM))(`in a real browser (${CHROMIUM}; skipped where it is not installed)`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  })

  afterAll(() => browser.close())

  const signIn = ({ house }: Apis, options?: BrowserContextOptions): Promise<Page> =>
    openSignedInPage(browser, house.url, options)

  test.each([true, false])(
    'an operator registers an API, leaves an operation out, grants it and tries a tool (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const server = await openServer((_, reply) => json(reply, { pets: [{ name: 'Ada' }] }))
      const apis = await openApis()
      await apis.call('secret_create', { name: 'zoo', value: 'the key of the zoo' })
      const page = await signIn(apis, { javaScriptEnabled })

      await page.goto('/apis')
      await page.getByRole('link', { name: 'Register an API' }).first().click()
      await page.getByLabel('Or the document itself').fill('<html>')
      await page.getByRole('button', { name: 'Read it' }).click()
      await page.getByText('This is an HTML or XML page').first().waitFor()
      await page.getByLabel('Or the document itself').fill(petsDocument(server.url))
      await page.getByRole('button', { name: 'Read it' }).click()
      await page.waitForURL(/\/new\/api\/./)

      await page.getByRole('checkbox', { name: /removePet/ }).uncheck()
      await page.locator('[name="/alias"]').fill('zoo')
      await page.locator('[name="/credential/kind"]').selectOption('bearer')
      await page.getByRole('button', { name: 'Register' }).click()
      await page.getByText('This kind of credential needs it').first().waitFor()
      expect(await page.getByRole('checkbox', { name: /removePet/ }).isChecked()).toBe(false)
      await page.getByLabel('Secret that it holds').selectOption('secret:zoo')
      await page.getByRole('button', { name: 'Register' }).click()
      await page.waitForURL('/apis/zoo/ready')

      await page.getByText('4 tools').first().waitFor()
      await page.getByRole('link', { name: /zoo__listPets/ }).click()
      await page
        .getByRole('button', { name: /^(Run|Call)/ })
        .first()
        .click()
      await page.getByText('Ada').first().waitFor()
      expect(server.heard).toMatchObject([{ url: '/pets', headers: { authorization: 'Bearer the key of the zoo' } }])

      await page.goto('/apis/zoo')
      await page.getByRole('switch', { name: 'zoo__removePet is off; switch it on' }).click()
      await page.getByRole('switch', { name: 'zoo__removePet is on; switch it off' }).waitFor()
      expect(await page.content()).not.toContain('the key of the zoo')
    },
  )

  test('what a new document breaks is shown, and waits for a yes', async () => {
    const apis = await openApis({ working: false })
    await apis.call('api_register', { alias: 'zoo', document: petsDocument('https://zoo.example') })
    const page = await signIn(apis)
    page.on('dialog', (dialog) => dialog.accept())

    await page.goto('/apis/zoo/document')
    await page.getByLabel('Or the document itself').fill(petsDocument('https://zoo.example').replace('"limit"', '"most"'))
    await page.getByRole('button', { name: 'Take it' }).click()
    await page.waitForURL('/apis/zoo/versions/2')
    await page.getByText('breaking', { exact: true }).waitFor()
    await page.getByRole('button', { name: 'Use it all the same' }).click()
    await page.waitForURL('/apis/zoo')

    expect(await apis.call('api_get', { alias: 'zoo' })).toMatchObject({ version: 2, heldVersion: null })
  })

  test('nobody is kept out, and a phone is wide enough', async () => {
    const apis = await openApis({ working: false })
    const long = {
      [`/${'very-'.repeat(30)}long/{id}`]: { get: { summary: 'x'.repeat(300), responses: { 200: { description: '' } } } },
      '/broken': { get: 7 },
    }
    const document = petsDocument('https://zoo.example', long)
    await apis.call('api_register', { alias: 'zoo', document })
    const page = await signIn(apis)
    const addresses = [
      ...['/apis', '/new/api', '/apis/zoo', '/apis/zoo/ready', '/apis/zoo/settings', '/apis/zoo/document'],
      '/apis/zoo/versions/1',
      '/apis/zoo/operation?key=GET%20/pets',
    ]

    await page.goto('/new/api')
    await page.getByLabel('Or the document itself').fill(document)
    await page.getByRole('button', { name: 'Read it' }).click()
    await page.waitForURL(/\/new\/api\/./)
    addresses.push(new URL(page.url()).pathname)
    for (const address of addresses) {
      await page.goto(address)
      expect(await pageFaults(page, address)).toEqual([])
    }
  }, 60_000)
})
