import type { Ask, Page } from '../../contract/page.ts'
import { listRange, offsetOf } from '../../core/list-range.ts'

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
      const offset = offsetOf(ask.query['offset'])
      const found = await ask.call('tool_list', {
        offset,
        limit: PAGE_SIZE,
        ...(q && { text: q }),
        ...(source && { source }),
        ...(kind !== 'all' && !source && { kind: kind === 'operation' ? 'operation' : 'dynamic' }),
      })
      return {
        ...found,
        groups: groupsOf(found['tools'], await addressesOf(ask)),
        filter: { q, source, kind },
        narrowed: Boolean(q || source || kind !== 'dynamic'),
        dynamicSources: found['sources'].filter((one: { kind: string }) => one.kind === 'dynamic'),
        operationSources: found['sources'].filter((one: { kind: string }) => one.kind === 'operation'),
        ...listRange(offset, found['tools'].length, found['total'], PAGE_SIZE),
      }
    },
  },
}

/** The pages of what tools come from, as far as the visitor may see them. */
async function addressesOf(ask: Ask): Promise<ReadonlyMap<string, string>> {
  const aliases = async (operation: string, list: string, path: string): Promise<[string, string][]> => {
    if (!ask.may(operation)) return []
    const found: readonly { readonly alias: string }[] = (await ask.call(operation, {}))[list]
    return found.map(({ alias }) => [alias, `${path}/${encodeURIComponent(alias)}`])
  }
  const functions: [string, string][] = ask.may('function_list') ? [['fn', '/functions']] : []
  const found = [await aliases('upstream_list', 'upstreams', '/upstreams'), await aliases('api_list', 'apis', '/apis')]
  return new Map([...functions, ...found.flat()])
}

interface Row {
  readonly source: string
  readonly kind: string
  readonly tokens: number
}

function groupsOf(tools: readonly Row[], addresses: ReadonlyMap<string, string>) {
  const groups = Map.groupBy(tools, ({ source }) => source)
  return [...groups].map(([source, rows]) => ({
    source,
    isOperation: rows[0]?.kind === 'operation',
    address: rows[0]?.kind === 'operation' ? undefined : addresses.get(source),
    tools: rows,
    tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0),
  }))
}
