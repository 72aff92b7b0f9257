import type { Ask, Page } from '../../contract/page.ts'
import { KINDS } from './call-kinds.ts'
import { STAGE_WORDS, storyOf, type ToldCall } from './story.ts'
import { waterfall } from './waterfall.ts'

/** Fields of the filter that pass from the address to the operation as they are. */
const PASSED = ['tool', 'source', 'caller', 'transport', 'effect', 'cursor'] as const

/** How many parts of a call its page shows, the latest ones. */
const SHOWN_PARTS = 100

/** Names of resources may be long. */
const TITLE_CHARS = 200

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
      const { cursor: _, kind = '', ...given } = ask.query
      const searched = Object.values(given).some(Boolean)
      // A search may fit a part and not the call that it belongs to.
      const nested = !searched && (kind === '' || kind === 'everything')
      const answer = await ask.call('audit_call_list', { ...filterOf(ask), nested })
      return { ...answer, kinds: KINDS, filter: { ...given, kind }, narrowed: searched || kind !== '' }
    },
  },

  one: {
    path: '/activity/:id',
    title: 'Call',
    permit: 'audit.read',
    view: 'audit/one',
    live: ['call'],
    async load(ask) {
      const id = Number.parseInt(ask.query['id'] ?? '', 10) || 0
      const [{ call }, { calls, nextCursor }] = await Promise.all([
        ask.call('audit_call_get', { id }),
        ask.call('audit_call_list', { parentId: id, limit: SHOWN_PARTS }),
      ])
      return {
        ...{ title: call.tool.slice(0, TITLE_CHARS), call, bars: waterfall(call.spans), isRunning: call.outcome === 'running' },
        ...{ parts: calls.reverse(), moreParts: nextCursor !== null },
        ...{ story: storyOf(call as ToldCall), stageWords: STAGE_WORDS[(call as ToldCall).stage ?? 'run'] },
      }
    },
  },
}

function filterOf({ query }: Ask): object {
  const since = Date.parse(query['since'] ?? '')
  const search = query['requestId'] || query['q']
  return {
    ...Object.fromEntries(PASSED.flatMap((name) => (query[name] ? [[name, query[name]]] : []))),
    ...(/^\d{1,15}$/.test(query['parentId'] ?? '') && { parentId: Number(query['parentId']) }),
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
