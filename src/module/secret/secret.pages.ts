import type { Ask, Page } from '../../contract/page.ts'

const nameOf = ({ query }: Ask): string => query['name'] ?? ''

/** The console's pages about secrets. None of them ever holds a value. */
export const secretPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/secrets',
    title: 'Secrets',
    menu: 'Connect',
    icon: 'key',
    permit: 'secret.read',
    view: 'secret/list',
    live: ['secret'],
    async load(ask) {
      const { q, removed, cursor } = ask.query
      const filter = { ...(q && { search: q }), ...(cursor && { cursor }), removed: removed === '1' }
      const [answer, keys] = await Promise.all([ask.call('secret_list', filter), ask.call('secret_keys', {})])
      return { ...answer, keys, filter: { q, removed: removed === '1' }, narrowed: Boolean(q || removed) }
    },
  },

  new: {
    path: '/new/secret',
    under: '/secrets',
    title: 'New secret',
    permit: 'secret.write',
    view: 'secret/new',
    load: async () => ({ main: ['/name', '/value', '/description'] }),
  },

  one: {
    path: '/secrets/:name',
    title: 'Secret',
    permit: 'secret.read',
    view: 'secret/one',
    live: ['secret'],
    async load(ask) {
      const one = await ask.call('secret_get', { name: nameOf(ask) })
      const { name, updatedAt, description, issuer, expiresAt } = one
      return { title: name, one, initial: { name, updatedAt, description, issuer, expiresAt } }
    },
  },
}
