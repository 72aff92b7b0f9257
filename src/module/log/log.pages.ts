import type { Page } from '../../contract/page.ts'

/** The console's page about the server log. */
export const logPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/logs',
    title: 'Server log',
    menu: 'Observe',
    menuPlace: 1,
    icon: 'console',
    permit: 'log.read',
    view: 'log/list',
    live: ['log'],
    async load(ask) {
      const { q, level, upstream, cursor } = ask.query
      const answer = await ask.call('log_list', {
        ...(q && { search: q }),
        ...(level && { level }),
        ...(upstream && { upstream }),
        ...(cursor && { cursor }),
        ...(ask.query['requestId'] && { requestId: ask.query['requestId'] }),
      })
      return { ...answer, filter: ask.query, narrowed: Boolean(q || level || upstream || ask.query['requestId']) }
    },
  },
}
