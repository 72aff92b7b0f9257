import type { Ask, Page } from '../../contract/page.ts'
import { listRange, offsetOf } from '../../core/list-range.ts'

/** How many resources, and how many templates, one page shows. */
const PAGE_SIZE = 200

/** Upstreams may call things by texts of any length. */
const TITLE_CHARS = 200

/** The console's pages about resources. */
export const resourcePages: Readonly<Record<string, Page>> = {
  list: {
    path: '/resources',
    title: 'Resources',
    menu: 'Connect',
    icon: 'file',
    permit: 'resource.read',
    view: 'resource/list',
    live: ['catalog', 'upstream'],
    async load(ask) {
      const { q, source } = ask.query
      const offset = offsetOf(ask.query['offset'])
      const narrowing = { limit: PAGE_SIZE, ...(q && { text: q }), ...(source && { source }) }
      const [found, { templates, sources: more }] = await Promise.all([
        ask.call('resource_list', { ...narrowing, offset }),
        ask.call('resource_templates', narrowing),
      ])
      const resources: readonly { readonly source: string }[] = found['resources']
      const names = [...found['sources'], ...more].map(({ name }: { name: string }) => name)
      return {
        ...found,
        templates,
        sources: [...new Set(names)].sort(),
        groups: [...Map.groupBy(resources, (one) => one.source)].map(([name, rows]) => ({ source: name, resources: rows })),
        filter: { q, source },
        narrowed: Boolean(q || source),
        ...listRange(offset, resources.length, found['total'], PAGE_SIZE),
      }
    },
  },

  one: {
    path: '/resources/one',
    title: 'Resource',
    permit: 'resource.read',
    view: 'resource/one',
    scripts: ['complete.js'],
    async load(ask) {
      const { uri = '', source } = ask.query
      const template = ask.query['template'] === undefined ? undefined : await theTemplate(ask)
      const resource = template ?? (await theResource(ask))
      return {
        title: resource?.title.slice(0, TITLE_CHARS) ?? 'Read a resource',
        resource,
        template,
        address: `/resources/one${addressOf(ask)}`,
        initial: { uri: ask.query['template'] ?? uri, source: source ?? resource?.source },
        shapes: template ? { variables: schemaOf(template.variables) } : await freeShapes(ask),
      }
    },
  },
}

async function theResource(ask: Ask) {
  const { uri, source } = ask.query
  if (!uri) return undefined
  const { resources } = await ask.call('resource_list', { uri, limit: 1, ...(source && { source }) })
  return resources[0]
}

async function theTemplate(ask: Ask) {
  const { template: uri, source } = ask.query
  if (!uri) return undefined
  const { templates } = await ask.call('resource_templates', { uri, limit: 1, ...(source && { source }) })
  return templates[0]
}

/** Fields for reading what is not listed. */
async function freeShapes(ask: Ask): Promise<object> {
  const found = await Promise.all(['resource_list', 'resource_templates'].map((name) => ask.call(name, { limit: 1 })))
  const names = new Set(found.flatMap(({ sources }) => sources.map(({ name }: { name: string }) => name)))
  return {
    uri: { type: 'string', title: 'URI' },
    source: { enum: [...names].sort(), title: 'Upstream', description: 'Where several have it.' },
  }
}

/** The page's own address again, so that an answer is shown on it. */
function addressOf({ query }: Ask): string {
  const named = ['uri', 'template', 'source'].flatMap((name): [string, string][] => (query[name] ? [[name, query[name]]] : []))
  return `?${new URLSearchParams(named)}`
}

/** A field for each variable. */
const schemaOf = (variables: readonly string[]): object => ({
  type: 'object',
  properties: Object.fromEntries(variables.map((name) => [name, { type: 'string' }])),
})
