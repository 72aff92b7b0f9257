import type { Ask, Page } from '../../contract/page.ts'

const paging = ({ query }: Ask) => ({ ...(query['cursor'] && { cursor: query['cursor'] }) })

/** The number in an address, or one that no row has. */
const idOf = ({ query }: Ask): number => Math.max(1, Number.parseInt(query['id'] ?? '', 10) || 1)

/** The console's pages about people: users, tokens, roles, invitations, one's own account, and why somebody may do something. */
export const accessPages: Readonly<Record<string, Page>> = {
  users: {
    path: '/users',
    title: 'Users',
    menu: 'People',
    icon: 'users',
    permit: 'access.read',
    view: 'access/users',
    live: ['access'],
    load: async (ask) => ({
      ...(await ask.call('access_user_list', { ...paging(ask), ...(ask.query['q'] && { search: ask.query['q'] }) })),
      q: ask.query['q'],
    }),
  },

  userNew: {
    path: '/new/user',
    under: '/users',
    title: 'New user',
    permit: 'access.write',
    view: 'access/user-new',
    load: async () => ({ initial: { keys: ['role:viewer'] } }),
  },

  user: {
    path: '/users/:id',
    title: 'User',
    permit: 'access.read',
    view: 'access/user',
    live: ['access'],
    async load(ask) {
      const userId = idOf(ask)
      const { user } = await ask.call('access_user_get', { id: userId })
      const [{ grants }, { tokens }, { sessions }] = await Promise.all([
        ask.call('access_grant_list', { userId, limit: 200 }),
        ask.call('access_token_list', { userId, limit: 200 }),
        ask.call('access_session_list', { userId, limit: 50 }),
      ])
      const isLive = ({ state }: { state: string }) => state === 'live'
      return {
        title: user.name,
        user,
        isSelf: ask.caller.userId === userId,
        grants: grants.filter(isLive),
        pastGrants: grants.filter((one: { state: string }) => !isLive(one)),
        tokens,
        sessions: sessions.filter(isLive),
      }
    },
  },

  invitations: {
    path: '/invitations',
    under: '/users',
    title: 'Invitations',
    permit: 'access.read',
    view: 'access/invitations',
    live: ['access'],
    load: async (ask) => ({ ...(await ask.call('access_invitation_list', paging(ask))), initial: { keys: ['role:viewer'] } }),
  },

  roles: {
    path: '/roles',
    title: 'Roles',
    menu: 'People',
    icon: 'shield',
    permit: 'access.read',
    view: 'access/roles',
    live: ['access'],
    load: (ask) => ask.call('access_role_list', {}),
  },

  roleNew: {
    path: '/new/role',
    under: '/roles',
    title: 'New role',
    permit: 'access.write',
    view: 'access/role',
    load: async () => ({}),
  },

  role: {
    path: '/roles/:name',
    title: 'Role',
    permit: 'access.read',
    view: 'access/role',
    async load(ask) {
      const { roles } = await ask.call('access_role_list', {})
      const name = ask.query['name']
      const role = roles.find((one: { name: string }) => one.name === name)
      return {
        title: name,
        name,
        role,
        missing: role === undefined,
        initial: { name, description: role?.description, keys: role?.keys },
      }
    },
  },

  tokens: {
    path: '/tokens',
    title: 'Tokens',
    menu: 'People',
    icon: 'key',
    permit: 'self.read',
    view: 'access/tokens',
    live: ['access'],
    async load(ask) {
      const maySeeAll = ask.caller.grants.allows('access.read')
      const whose = maySeeAll && ask.query['whose'] === 'all' ? 'all' : 'mine'
      return { ...(await ask.call('access_token_list', { whose, ...paging(ask) })), whose, maySeeAll }
    },
  },

  tokenNew: {
    path: '/new/token',
    under: '/tokens',
    title: 'New token',
    permit: 'self.write',
    view: 'access/token-new',
    async load(ask) {
      const userId = Number.parseInt(ask.query['userId'] ?? '', 10) || undefined
      const owner =
        userId !== undefined && ask.may('access_user_get')
          ? (await ask.call('access_user_get', { id: userId }))['user']
          : undefined
      return {
        owner,
        initial: { scope: 'partial', keys: ['tool:*', 'prompt:*', 'resource:*'], ...(userId !== undefined && { userId }) },
      }
    },
  },

  explain: {
    path: '/access',
    title: 'Access explainer',
    menu: 'People',
    icon: 'question',
    permit: 'self.read',
    view: 'access/explain',
    async load(ask) {
      const { subject, tool, key } = ask.query
      const [users, tokens] = await Promise.all([
        ask.may('access_user_list') ? ask.call('access_user_list', { limit: 200 }) : { users: [] },
        ask.call('access_token_list', { whose: ask.caller.grants.allows('access.read') ? 'all' : 'mine', limit: 200 }),
      ])
      const asked = Boolean(tool || key)
      const answer = asked
        ? await ask.call('access_explain', { ...subjectOf(subject), ...(tool ? { tool } : { key }) })
        : undefined
      return { users: users['users'], tokens: tokens['tokens'], subject, tool, key, answer }
    },
  },

  account: {
    path: '/account',
    title: 'Your account',
    permit: 'self.read',
    view: 'access/account',
    live: ['access'],
    async load(ask) {
      const [me, { sessions }] = await Promise.all([ask.call('access_me', {}), ask.call('access_session_list', { limit: 50 })])
      return { me, sessions: sessions.filter(({ state }: { state: string }) => state === 'live') }
    },
  },
}

/** `user:7` and `token:9`, as the explainer's list of subjects posts them. */
function subjectOf(subject: string | undefined): object {
  const found = /^(user|token):(\d{1,16})$/.exec(subject ?? '')
  return found ? { [`${found[1]}Id`]: Number(found[2]) } : {}
}
