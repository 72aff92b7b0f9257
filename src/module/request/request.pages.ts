import type { Page } from '../../contract/page.ts'

/** The console's page about HTTP requests. */
export const requestPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/requests',
    title: 'Access log',
    menu: 'Observe',
    menuPlace: 1,
    icon: 'list',
    permit: 'request.read',
    view: 'request/list',
    async load(ask) {
      const { q, method, statusClass, authPath, cursor } = ask.query
      const answer = await ask.call('request_list', {
        ...(q && { search: q }),
        ...(method && { method }),
        ...(statusClass && { statusClass: Number(statusClass) }),
        ...(authPath && { authPath }),
        ...(cursor && { cursor }),
      })
      return {
        ...answer,
        filter: { q, method, statusClass, authPath },
        narrowed: Boolean(q || method || statusClass || authPath),
      }
    },
  },
}
