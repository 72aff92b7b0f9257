import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lanes } from '../../../queue/index.ts'
import { pageFaults } from '../../page-faults.ts'
import { openSignedInPage } from '../../signed-in-page.ts'
import { openQueueHouse, type QueueHouse } from './house.ts'

const CHROMIUM = '/usr/bin/chromium'

describe.skipIf(!existsSync(CHROMIUM))(`in a real browser (${CHROMIUM}; skipped where it is not installed)`, () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
  })

  afterAll(() => browser.close())

  const signIn = ({ house }: QueueHouse, options?: BrowserContextOptions): Promise<Page> =>
    openSignedInPage(browser, house.url, options)

  test.each([true, false])(
    'an operator pauses a lane, lets it go on, and runs a dead job again (JavaScript: %s)',
    async (javaScriptEnabled) => {
      const queue = await openQueueHouse()
      await queue.work()
      const id = await queue.add('fail')
      await queue.until(id, 'dead')
      const page = await signIn(queue, { javaScriptEnabled })
      page.on('dialog', (dialog) => dialog.accept())

      await page.getByRole('link', { name: 'Lanes' }).first().click()
      await page.getByRole('button', { name: 'Pause the lane function' }).click()
      await page.getByText('The lane function is paused').waitFor()
      await page.getByRole('button', { name: 'Resume the lane function' }).click()
      await page.getByText('The lane function goes on.').waitFor()

      await page.locator('#queue a[href$="state=dead"]').click()
      await page.getByRole('link', { name: String(id) }).click()
      await page.getByText('It was told to fail.').first().waitFor()
      await page.getByRole('button', { name: 'Retry' }).click()
      await page.getByText('It is ready to run again.').waitFor()
      expect(await queue.until(id, 'dead')).toMatchObject({ attempt: 2 })
      await page.reload()
      await page.getByRole('button', { name: 'Discard' }).click()
      await page.getByText('It is discarded.').waitFor()
    },
  )

  test('an operator gives a token limits of its own, and takes them away', async () => {
    const queue = await openQueueHouse()
    const page = await signIn(queue)

    await page.goto('/queue/function')
    await page.getByText('Give a token limits of its own').click()
    await page.locator('[name="/owner"]').fill('token:7')
    await page.locator('[name="/running"]').fill('2')
    await page.getByRole('button', { name: 'Set the limits' }).click()
    await page.getByRole('row', { name: /token:7 2 as all/ }).waitFor()
    expect((await queue.ask('GET', '/lanes/function/limits')).body).toMatchObject({ limits: [{ running: 2, waiting: null }] })

    await page.getByRole('button', { name: 'Remove the limits of token:7' }).click()
    await page.getByText('No token has any.').waitFor()
  })

  test('a job shows up on an open page by itself', async () => {
    const queue = await openQueueHouse()
    const page = await signIn(queue)
    await page.goto('/queue/function')
    await page.locator('[data-live-state][data-state="on"]').waitFor()

    const id = await queue.add('hello')

    await page.getByRole('row', { name: new RegExp(`${id} ready`) }).waitFor()
  })

  test('without a worker and without jobs, the pages say what to do', async () => {
    const page = await signIn(await openQueueHouse())

    await page.goto('/queue')
    expect(await page.getByText('No worker is connected.').count()).toBe(1)
    await page.goto('/queue/function')
    expect(await page.getByText('No jobs yet.').count()).toBe(1)
    await page.goto('/queue/function?state=dead')
    expect(await page.getByText('No dead jobs.').count()).toBe(1)
    await page.goto('/queue/nowhere')
    expect(
      await page.getByText(`There is no lane nowhere. There are: ${lanes.map(({ name }) => name).join(', ')}.`).count(),
    ).toBe(1)
  })

  test('every page is accessible and fits its window', async () => {
    const queue = await openQueueHouse()
    await queue.work()
    const dead = await queue.add('fail')
    const done = await queue.add('<b>hostile</b>'.repeat(20))
    await queue.until(dead, 'dead')
    await queue.until(done, 'done')
    await queue.ask('PUT', '/lanes/function/limits/token:7', { running: 2 })
    const running = await queue.add('hang')
    await queue.add('hello', { runAt: Date.now() + 3_600_000, token: 'token:7' })
    const page = await signIn(queue)

    const wrong: string[] = []
    for (const path of ['/queue', '/queue/function', ...[dead, done, running].map((id) => `/queue/function/${id}`)]) {
      await page.goto(path)
      wrong.push(...(await pageFaults(page, path)))
    }

    expect(wrong).toEqual([])
  }, 60_000)
})
