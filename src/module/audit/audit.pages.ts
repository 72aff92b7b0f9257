import type { Ask, Page } from '../../contract/page.ts'
import { waterfall } from './waterfall.ts'

/** Fields of the filter that pass from the address to the operation as they are. */
const PASSED = ['tool', 'source', 'caller', 'transport', 'effect', 'cursor'] as const

/** The console's pages about calls. */
export const auditPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/activity',
    title: 'Activity',
    menu: 'Observe',
    icon: 'pulse',
    permit: 'audit.read',
    view: 'audit/list',
    live: ['call'],
    async load(ask) {
      const answer = await ask.call('audit_call_list', filterOf(ask))
      const { cursor: _, kind = '', ...given } = ask.query
      return { ...answer, filter: { ...given, kind }, narrowed: Object.values(given).some(Boolean) || kind !== '' }
    },
  },

  one: {
    path: '/activity/:id',
    title: 'Call',
    permit: 'audit.read',
    view: 'audit/one',
    live: ['call'],
    async load(ask) {
      const { call } = await ask.call('audit_call_get', { id: Number.parseInt(ask.query['id'] ?? '', 10) || 0 })
      return { title: call.tool, call, bars: waterfall(call.spans), isRunning: call.outcome === 'running' }
    },
  },
}

function filterOf({ query }: Ask): object {
  const since = Date.parse(query['since'] ?? '')
  const search = query['requestId'] || query['q']
  return {
    ...Object.fromEntries(PASSED.flatMap((name) => (query[name] ? [[name, query[name]]] : []))),
    ...(query['outcome'] && { outcome: query['outcome'] }),
    ...kindOf(query['kind']),
    ...(search && { search }),
    ...(Number.isFinite(since) && { since }),
  }
}

/** Without a choice, a page that shows itself does not fill the list of what was done. */
function kindOf(kind: string | undefined): object {
  if (kind === 'everything') return {}
  return kind ? { kind } : { consoleReads: false }
}
