import { z } from 'zod'
import type { House } from '../../contract/house.ts'
import { defineModule } from '../../contract/module.ts'
import { Completion, completionOf } from '../../core/completion-of.ts'
import { countSources, findListed } from '../../core/find-listed.ts'
import { resourcePages } from './resource.pages.ts'
import { resourceName, templateName } from './resource-name.ts'
import { ResourceRow, resourceRow, TemplateRow, templateRow } from './resource-row.ts'
import { expandTemplate } from './uri-template.ts'

const Uri = z.string().min(1).max(2_000)
const Source = z.string().min(1).max(100).optional()
const Values = z.record(z.string().max(200), z.string().max(2_000))
const Counts = z.array(z.object({ name: z.string(), count: z.int() }))

const search = {
  text: z.string().max(200).optional().describe('Words that URI, name, title, source or description must all contain.'),
  source: Source.describe('Only those of this upstream.'),
  uri: Uri.optional().describe('Only that of this URI or URI template.'),
  offset: z.int().min(0).default(0).describe('How many to leave out from the front.'),
  limit: z.int().min(1).max(500).default(200),
} as const

/** The resources that upstreams offer, as their caller sees them. */
export const resource = defineModule({
  name: 'resource',
  open: async (house: House) => ({ house, close: async () => {} }),
  pages: resourcePages,
  operations: (op) => ({
    list: op({
      summary: 'List the resources that the caller may read.',
      description: 'Grouped by upstream, a page at a time. Upstreams may have more than they list; see resource_templates.',
      route: 'GET /resources',
      permit: 'resource.read',
      effect: 'read',
      input: z.strictObject(search),
      output: z.object({
        resources: z.array(ResourceRow),
        total: z.int().describe('How many there are on all pages.'),
        sources: Counts.describe('Every upstream with resources for this caller, whatever was searched for.'),
      }),
      example: { input: { text: 'readme' }, outcome: 'ok' },
      run({ offset, limit, uri, ...rest }, { store, caller }) {
        const all = store.house.listed('resource')
        const found = findListed(all, caller, { ...rest, shownName: uri })
        return {
          resources: found.slice(offset, offset + limit).map(resourceRow),
          total: found.length,
          sources: countSources(findListed(all, caller, {})),
        }
      },
    }),

    templates: op({
      summary: 'List the URI templates of resources that the caller may read.',
      route: 'GET /resources/templates',
      permit: 'resource.read',
      effect: 'read',
      input: z.strictObject(search),
      output: z.object({
        templates: z.array(TemplateRow),
        total: z.int().describe('How many there are on all pages.'),
        sources: Counts.describe('Every upstream with templates for this caller, whatever was searched for.'),
      }),
      example: { input: {}, outcome: 'ok' },
      run({ offset, limit, uri, ...rest }, { store, caller }) {
        const all = store.house.listed('template')
        const found = findListed(all, caller, { ...rest, shownName: uri })
        return {
          templates: found.slice(offset, offset + limit).map(templateRow),
          total: found.length,
          sources: countSources(findListed(all, caller, {})),
        }
      },
    }),

    read: op({
      summary: 'Read a resource.',
      description: 'Needs the right to the resource itself as well, e.g. resource:docs__file:///readme.md.',
      route: 'POST /resources/read',
      permit: 'resource.read',
      effect: 'read',
      input: z.strictObject({
        uri: Uri.describe('Its URI; or, together with `variables`, a URI template.'),
        variables: Values.optional().describe('Values for the variables of the template; those without one are left out.'),
        source: Source.describe('The upstream to read it from, where several have it.'),
      }),
      output: z.object({
        uri: z.string().describe('What was read, variables put in.'),
        result: z.record(z.string(), z.unknown()).describe('MCP ReadResourceResult, as the upstream sent it: contents.'),
      }),
      example: { input: { uri: 'docs://{page}', variables: { page: 'start' } }, outcome: 'not_found' },
      async run({ uri: given, variables, source }, { store, caller, relay }) {
        const uri = variables === undefined ? given : expandTemplate(given, variables)
        return { uri, result: { ...(await relay(resourceName(store.house, caller, { uri, source }), { uri })) } }
      },
    }),

    complete: op({
      summary: 'Ask the upstream of a URI template for values of one of its variables.',
      route: 'POST /resources/completion',
      permit: 'resource.read',
      effect: 'read',
      input: z.strictObject({
        uriTemplate: Uri.describe('As resource_templates gives it.'),
        source: Source.describe('The upstream that is meant, where several have it.'),
        variable: z.string().min(1).max(200),
        value: z.string().max(1_000).default('').describe('What was typed so far.'),
        variables: Values.optional().describe('Variables that are filled in already.'),
      }),
      output: Completion,
      example: { input: { uriTemplate: 'docs://{page}', variable: 'page', value: 's' }, outcome: 'not_found' },
      async run({ uriTemplate: uri, source, variable, value, variables }, { store, caller, relay }) {
        const args = { argument: { name: variable, value }, ...(variables && { context: { arguments: variables } }) }
        return completionOf(await relay(`completion:${templateName(store.house, caller, { uri, source })}`, args))
      },
    }),
  }),
})
