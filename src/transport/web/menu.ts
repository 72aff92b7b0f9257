import type { Caller } from '../../contract/caller.ts'
import type { Page } from '../../contract/page.ts'

/** The groups of the menu, in order. */
const MENU_GROUPS = ['Home', 'Connect', 'Observe', 'People', 'System'] as const satisfies readonly Exclude<
  Page['menu'],
  undefined
>[]

/** One line of the menu. */
export interface MenuItem {
  readonly title: string
  readonly path: string
  readonly icon: string
  readonly current: boolean
}

/** What the menu offers a caller: only pages they may see. `at` is the path they are on. */
export function menuFor(
  pages: readonly Page[],
  caller: Caller,
  at: string,
): readonly { readonly title: string; readonly items: readonly MenuItem[] }[] {
  const seen = pages.filter((page) => page.menu !== undefined && caller.grants.allows(page.permit))
  const current = seen
    .map(({ path }) => path)
    .filter((path) => isWithin(path, at))
    .sort((a, b) => b.length - a.length)[0]
  return MENU_GROUPS.map((group) => ({
    title: group,
    items: seen
      .filter((page) => page.menu === group)
      .sort((a, b) => (a.menuPlace ?? 0) - (b.menuPlace ?? 0))
      .map(({ title, path, icon }) => ({ title, path, icon: icon ?? 'dot', current: path === current })),
  })).filter(({ items }) => items.length > 0)
}

const isWithin = (path: string, at: string) => path === at || (path !== '/' && at.startsWith(`${path}/`))
