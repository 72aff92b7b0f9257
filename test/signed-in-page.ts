import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { ADMIN } from './support.ts'
import { openWatchedPage } from './watched-page.ts'

/** A watched page of a house on which its administrator is signed in. */
export async function openSignedInPage(browser: Browser, baseURL: string, options: BrowserContextOptions = {}): Promise<Page> {
  const page = await openWatchedPage(await browser.newContext({ baseURL, ...options }))
  await page.goto('/sign-in')
  await page.getByLabel('Name').fill(ADMIN.name)
  await page.getByLabel('Password').fill(ADMIN.password)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL('/')
  return page
}
