import AxeBuilder from '@axe-core/playwright'
import type { Page } from 'playwright-core'

const LARGE = { width: 1_280, height: 844 }
const SMALL = { width: 390, height: 844 }

/**
 * What is wrong with a page as it stands: all of axe's rules in the light on a large screen, its colours in the dark on a small one, and
 * whether it fits either window. One load serves both, because the markup is the same but for what the width and the theme change.
 *
 * @param everywhere apply all rules in the small as well, where the markup differs
 */
export async function pageFaults(page: Page, path: string, { everywhere = false } = {}): Promise<string[]> {
  const wrong: string[] = []
  const judge = async (axe: AxeBuilder, where: string): Promise<void> => {
    const { violations } = await axe.analyze()
    for (const { id, nodes } of violations)
      wrong.push(...nodes.map(({ html }) => `${path} ${where} ${id}: ${html.slice(0, 300)}`))
    const overflowPx = (await page.evaluate('document.documentElement.scrollWidth - innerWidth')) as number
    if (overflowPx > 0) wrong.push(`${path} ${where} is ${overflowPx} px wider than its window`)
    const headings = await page.locator('h1').count()
    if (headings !== 1) wrong.push(`${path} ${where} has ${headings} headings of the first level`)
  }
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize(LARGE)
  await judge(axeOf(page), 'large')
  await page.emulateMedia({ colorScheme: 'dark' })
  await page.setViewportSize(SMALL)
  await judge(everywhere ? axeOf(page) : axeOf(page).withRules('color-contrast'), 'small and dark')
  return wrong
}

/** In the page alone: no page of ours has frames, and for these axe opens a page of its own each time. */
const axeOf = (page: Page): AxeBuilder => new AxeBuilder({ page }).setLegacyMode()
