import type { Ask, Page } from '../../contract/page.ts'
import { callerNames } from '../../core/caller-names.ts'

const nameOf = ({ query }: Ask): string => query['name'] ?? ''

/** The console's pages about secrets. None of them ever holds a value. */
export const secretPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/secrets',
    title: 'Secrets',
    menu: 'Connect',
    menuPlace: 1,
    icon: 'lock',
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
      const names = await callerNames(ask, [
        one['createdBy'],
        ...one['versions'].map((version: { readonly createdBy: string }) => version.createdBy),
      ])
      return { title: name, one, names, initial: { name, updatedAt, description, issuer, expiresAt } }
    },
  },
}
