import type { Ask, Page } from '../../contract/page.ts'

/** What most people fill in; the rest stands under "More settings". */
const MAIN_FIELDS = ['/alias', '/transport', '/command', '/args', '/env', '/url', '/headers', '/updatedAt'] as const

const aliasOf = ({ query }: Ask) => query['alias'] ?? ''

/** The console's pages about upstreams. */
export const upstreamPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/upstreams',
    title: 'Upstreams',
    menu: 'Connect',
    icon: 'plug',
    permit: 'upstream.read',
    view: 'upstream/list',
    live: ['upstream', 'catalog'],
    async load(ask) {
      const { q, state } = ask.query
      const answer = await ask.call('upstream_list', { ...(q && { search: q }), ...(state && { state }) })
      return {
        ...answer,
        upstreams: answer['upstreams'].map(withLocalNames),
        filter: { q, state },
        narrowed: Boolean(q || state),
      }
    },
  },

  new: {
    path: '/new/upstream',
    under: '/upstreams',
    title: 'Add an upstream',
    permit: 'upstream.define',
    view: 'upstream/edit',
    load: async () => ({ initial: { transport: 'stdio' }, main: MAIN_FIELDS }),
  },

  import: {
    path: '/import/upstreams',
    under: '/upstreams',
    title: 'Import upstreams',
    permit: 'upstream.define',
    view: 'upstream/import',
    load: async () => ({}),
  },

  one: {
    path: '/upstreams/:alias',
    title: 'Upstream',
    permit: 'upstream.read',
    view: 'upstream/one',
    live: ['upstream', 'catalog', 'call'],
    async load(ask) {
      const alias = aliasOf(ask)
      const [upstream, { lines }] = await Promise.all([
        ask.call('upstream_get', { alias }),
        ask.call('upstream_logs', { alias, limit: 200 }),
      ])
      return { title: alias, upstream, lines }
    },
  },

  edit: {
    path: '/upstreams/:alias/edit',
    title: 'Change an upstream',
    permit: 'upstream.define',
    view: 'upstream/edit',
    async load(ask) {
      const upstream = await ask.call('upstream_get', { alias: aliasOf(ask) })
      const { alias, updatedAt, definition } = upstream
      return { title: `Change ${alias}`, upstream, initial: { ...definition, alias, updatedAt }, main: MAIN_FIELDS }
    },
  },
}

/** How many tools a card names. */
const NAMED_TOOLS = 6

/** On its own card, an upstream's tools need no prefix. */
const withLocalNames = <Summary extends { readonly firstTools: readonly string[] }>(summary: Summary): Summary => ({
  ...summary,
  firstTools: summary.firstTools
    .slice(0, NAMED_TOOLS)
    .map((name) => name.slice(name.indexOf('__') === -1 ? 0 : name.indexOf('__') + 2)),
})
