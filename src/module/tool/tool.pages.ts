import type { Page } from '../../contract/page.ts'

/** How many tools one page shows. */
const PAGE_SIZE = 200

/** The console's list of everything that can be called. The page of a single tool is the console's own. */
export const toolPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/tools',
    title: 'Tools',
    menu: 'Connect',
    icon: 'tool',
    permit: 'tool.read',
    view: 'tool/list',
    live: ['catalog', 'upstream'],
    async load(ask) {
      const { q, source, kind = 'dynamic' } = ask.query
      const offset = Math.max(0, Number.parseInt(ask.query['offset'] ?? '0', 10) || 0)
      const found = await ask.call('tool_list', {
        offset,
        limit: PAGE_SIZE,
        ...(q && { text: q }),
        ...(source && { source }),
        ...(kind !== 'all' && !source && { kind: kind === 'operation' ? 'operation' : 'dynamic' }),
      })
      const until = offset + found['tools'].length
      return {
        ...found,
        groups: groupsOf(found['tools']),
        filter: { q, source, kind },
        narrowed: Boolean(q || source || kind !== 'dynamic'),
        dynamicSources: found['sources'].filter((one: { kind: string }) => one.kind === 'dynamic'),
        operationSources: found['sources'].filter((one: { kind: string }) => one.kind === 'operation'),
        range: { from: offset + 1, until },
        nextOffset: until < found['total'] ? until : undefined,
        previousOffset: offset > 0 ? Math.max(0, offset - PAGE_SIZE) : undefined,
      }
    },
  },
}

interface Row {
  readonly source: string
  readonly kind: string
  readonly tokens: number
}

function groupsOf(tools: readonly Row[]) {
  const groups = Map.groupBy(tools, ({ source }) => source)
  return [...groups].map(([source, rows]) => ({
    source,
    isOperation: rows[0]?.kind === 'operation',
    tools: rows,
    tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0),
  }))
}
