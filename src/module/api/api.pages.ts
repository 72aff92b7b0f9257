import type { Ask, Page } from '../../contract/page.ts'
import { callerNames } from '../../core/caller-names.ts'
import { shownRange } from './shown-range.ts'

/** What of an operation its list is searched by. */
interface Listed {
  readonly key: string
  readonly tool: string
  readonly summary: string
  readonly tags: readonly string[]
}

/** Operations on one page of an API. */
const PAGE_SIZE = 100
const CALLS = 20

const aliasOf = ({ query }: Ask): string => query['alias'] ?? ''

/** Names of secrets that may be referred to, where the visitor may see them. */
async function secretNames(ask: Ask): Promise<readonly string[]> {
  if (!ask.may('secret_list')) return []
  const { secrets } = await ask.call('secret_list', { limit: 200 })
  return secrets.map(({ name }: { readonly name: string }) => name)
}

/** The newest calls of a tool, or of all tools of a source, where the visitor may see them. */
async function lastCalls(ask: Ask, filter: { readonly tool: string } | { readonly search: string }) {
  if (!ask.may('audit_call_list')) return undefined
  return (await ask.call('audit_call_list', { ...filter, limit: CALLS }))['calls']
}

/** The console's pages about APIs. */
export const apiPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/apis',
    title: 'APIs',
    menu: 'Connect',
    icon: 'globe',
    permit: 'api.read',
    view: 'api/list',
    live: ['api'],
    async load(ask) {
      const { q, state } = ask.query
      const answer = await ask.call('api_list', { ...(q && { search: q }), ...(state && { state }) })
      return { ...answer, filter: { q, state }, narrowed: Boolean(q || state) }
    },
  },

  new: {
    path: '/new/api',
    under: '/apis',
    title: 'Register an API',
    permit: 'api.write',
    view: 'api/new',
    scripts: ['api-document.js'],
    load: async () => ({}),
  },

  review: {
    path: '/new/api/:preview',
    under: '/apis',
    title: 'Register an API',
    permit: 'api.write',
    view: 'api/review',
    async load(ask) {
      const [read, secrets] = await Promise.all([
        ask.call('api_preview', { preview: ask.query['preview'] ?? '' }),
        secretNames(ask),
      ])
      const [scheme] = read['securitySchemes'].filter(({ suggestion }: { suggestion: unknown }) => suggestion !== null)
      return {
        title: `Register ${read['title']}`,
        read,
        secrets,
        references: secrets.map((name) => `secret:${name}`),
        otherServers: read['servers'].slice(1).map(({ url }: { readonly url: string }) => url),
        initial: {
          alias: read['alias'],
          serverUrl: read['servers'][0]?.url,
          credential: credentialFrom(scheme?.suggestion),
        },
      }
    },
  },

  one: {
    path: '/apis/:alias',
    title: 'API',
    permit: 'api.read',
    view: 'api/one',
    live: ['api'],
    async load(ask) {
      const alias = aliasOf(ask)
      const [one, { versions }] = await Promise.all([ask.call('api_get', { alias }), ask.call('api_versions', { alias })])
      const { q = '', tag = '' } = ask.query
      const needle = q.toLowerCase()
      const fitting = one['operations'].filter(
        ({ key, tool, summary, tags }: Listed) =>
          `${key}\n${tool}\n${summary}`.toLowerCase().includes(needle) && (tag === '' || tags.includes(tag)),
      )
      const tags = [...new Set(one['operations'].flatMap((each: { readonly tags: readonly string[] }) => each.tags))].sort()
      const range = shownRange(fitting.length, Number(ask.query['offset'] ?? 0), PAGE_SIZE)
      return {
        ...{ title: alias, one, versions, tags, range, filter: { q, tag }, names: await callerNames(ask, [one['createdBy']]) },
        operations: fitting.slice(range.offset, range.offset + PAGE_SIZE),
      }
    },
  },

  ready: {
    path: '/apis/:alias/ready',
    title: 'Who may call it',
    permit: 'api.read',
    view: 'api/ready',
    live: ['api'],
    async load(ask) {
      const alias = aliasOf(ask)
      const one = await ask.call('api_get', { alias })
      const users = ask.may('access_user_list') ? (await ask.call('access_user_list', { limit: 100 }))['users'] : []
      const tools = one['operations'].filter(({ offered }: { readonly offered: boolean }) => offered)
      return { title: `${alias} is registered`, one, users, key: `tool:${alias}__*`, tools: tools.slice(0, PAGE_SIZE) }
    },
  },

  settings: {
    path: '/apis/:alias/settings',
    title: 'Settings',
    permit: 'api.write',
    view: 'api/settings',
    async load(ask) {
      const alias = aliasOf(ask)
      const [one, secrets] = await Promise.all([ask.call('api_get', { alias }), secretNames(ask)])
      const { settings, updatedAt, credential } = one
      return {
        ...{ title: `Settings of ${alias}`, one, secrets, references: secrets.map((name) => `secret:${name}`) },
        initial: { alias, updatedAt, ...settings },
        holding: { alias, credential },
      }
    },
  },

  document: {
    path: '/apis/:alias/document',
    title: 'Another document',
    permit: 'api.write',
    view: 'api/document',
    scripts: ['api-document.js'],
    async load(ask) {
      const alias = aliasOf(ask)
      return { title: `Another document for ${alias}`, one: await ask.call('api_get', { alias }) }
    },
  },

  operation: {
    path: '/apis/:alias/operation',
    title: 'Operation',
    permit: 'api.read',
    view: 'api/operation',
    live: ['api', 'call'],
    async load(ask) {
      const alias = aliasOf(ask)
      const operation = await ask.call('api_operation', { alias, key: ask.query['key'] ?? '' })
      const { key, tool, own } = operation
      return {
        ...{ title: key, alias, operation, calls: await lastCalls(ask, { tool }) },
        initial: { alias, key, ...own },
        toolPath: `/api/tools/${alias}/${String(tool).slice(alias.length + 2)}`,
        // A quote would end the string of the shell that the command is pasted into.
        rawPath: `/api/x/${alias}${String(operation['path']).replaceAll("'", '%27')}`,
      }
    },
  },

  version: {
    path: '/apis/:alias/versions/:version',
    title: 'Version',
    permit: 'api.read',
    view: 'api/version',
    live: ['api'],
    async load(ask) {
      const alias = aliasOf(ask)
      const number = Number(ask.query['version'])
      const version = await ask.call('api_version', { alias, version: number, withDocument: true })
      return { title: `${alias}, version ${number}`, alias, version }
    },
  },
}

/** What the document says of its security, as the first guess at a credential. */
function credentialFrom(suggestion: Readonly<Record<string, unknown>> | undefined): object {
  const { scopes, ...fields } = suggestion ?? { kind: 'none' }
  return { ...fields, ...(Array.isArray(scopes) && scopes.length > 0 && { scope: scopes.join(' ') }) }
}
