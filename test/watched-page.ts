import type { BrowserContext, Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'

/** A page that fails its test for whatever the policy blocks and for every script that breaks. Its context ends with the test. */
export async function openWatchedPage(context: BrowserContext): Promise<Page> {
  const page = await context.newPage()
  const wrong: string[] = []
  page.on('pageerror', (error) => wrong.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) wrong.push(message.text())
  })
  onTestFinished(async () => {
    await context.close()
    expect(wrong, 'what the browser complained of').toEqual([])
  })
  return page
}
