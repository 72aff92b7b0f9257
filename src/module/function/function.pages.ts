import type { Ask, Page } from '../../contract/page.ts'
import { callerNames } from '../../core/caller-names.ts'
import { sampleInput } from '../../core/sample-input.ts'

/** What most people fill in; the rest stands under "More settings". */
const MAIN_FIELDS = ['/title', '/description', '/language', '/effect', '/inputSchema', '/outputSchema', '/keys'] as const
/** Fields that the editor shows in its own way, or hides. */
const OWN_FIELDS = ['/name', '/updatedAt', '/source'] as const

const FIRST_SOURCE = `/**
 * What it returns is the result; what it throws is the failure.
 *
 * await tools.call('files__read_text_file', { path }) calls a tool that its keys allow; log('…') writes to its log.
 */
export default async function (input, { tools, log }) {
  return { greeting: \`Hello, \${input.name}\` }
}
`

const FIRST = {
  language: 'javascript',
  effect: 'read',
  inputSchema: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
  source: FIRST_SOURCE,
}

const nameOf = ({ query }: Ask): string => query['name'] ?? ''

const optional = (query: Ask['query'], ...names: readonly string[]): object =>
  Object.fromEntries(names.flatMap((name) => (query[name] ? [[name, query[name]]] : [])))

/** What calls get, not what an author may have written since; the draft where there is nothing else. */
async function whatRuns({ call }: Ask, one: Readonly<Record<string, unknown>>): Promise<object> {
  const { name, version, draft } = one
  if (version === null) return { definition: draft, definitionOf: 'of the draft' }
  const { definition } = await call('function_version', { name, version })
  return { definition, definitionOf: `of version ${version}` }
}

/** Why a run gave no result, in words. */
const WHY = {
  thrown: 'It threw an error',
  compile: 'It could not be compiled',
  memory: 'It needed more memory than it may',
  output: 'Its result was too large, or no JSON',
  schema: 'Its result does not fit its output schema',
  timeout: 'It took longer than it may',
  crash: 'What ran it broke down',
  lost: 'No attempt came to an end',
} as const

/** The console's pages about functions. */
export const functionPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/functions',
    title: 'Functions',
    menu: 'Connect',
    icon: 'braces',
    permit: 'function.read',
    view: 'function/list',
    live: ['function'],
    async load(ask) {
      const { q, state } = ask.query
      const answer = await ask.call('function_list', { ...(q && { search: q }), ...(state && { state }) })
      return { ...answer, filter: { q, state }, narrowed: Boolean(q || state) }
    },
  },

  new: {
    path: '/new/function',
    under: '/functions',
    title: 'Write a function',
    permit: 'function.write',
    view: 'function/new',
    load: async () => ({
      initial: FIRST,
      main: ['/name', '/title', '/description', '/language', '/effect'],
      source: ['/source'],
    }),
  },

  one: {
    path: '/functions/:name',
    title: 'Function',
    permit: 'function.read',
    view: 'function/one',
    live: ['function'],
    async load(ask) {
      const name = nameOf(ask)
      const [one, { versions }, runs] = await Promise.all([
        ask.call('function_get', { name }),
        ask.call('function_versions', { name, limit: 20 }),
        ask.call('function_invocation_list', { name, limit: 20, ...optional(ask.query, 'outcome', 'cursor') }),
      ])
      const names = await callerNames(
        ask,
        versions.map(({ publishedBy }: { readonly publishedBy: string }) => publishedBy),
      )
      return { title: name, one, versions, runs, names, outcome: ask.query['outcome'], ...(await whatRuns(ask, one)) }
    },
  },

  edit: {
    path: '/functions/:name/edit',
    title: 'Edit a function',
    permit: 'function.write',
    view: 'function/edit',
    scripts: ['function-editor.js'],
    async load(ask) {
      const one = await ask.call('function_get', { name: nameOf(ask) })
      const { name, updatedAt, source, draft } = one
      const initial = { ...draft, name, updatedAt, source }
      const sample = sampleInput(draft.inputSchema)
      return { title: `Edit ${name}`, one, initial, sample, main: MAIN_FIELDS, own: [...OWN_FIELDS, ...MAIN_FIELDS] }
    },
  },

  version: {
    path: '/functions/:name/versions/:version',
    title: 'Version',
    permit: 'function.read',
    view: 'function/version',
    async load(ask) {
      const name = nameOf(ask)
      const number = Number(ask.query['version'])
      const against = Number(ask.query['against'] ?? number - 1)
      const [one, version] = await Promise.all([
        ask.call('function_get', { name }),
        ask.call('function_version', { name, version: number, ...(against > 0 && { against }) }),
      ])
      const names = await callerNames(ask, [version['publishedBy']])
      return { title: `${name}, version ${number}`, one, version, names, against: against > 0 ? against : undefined }
    },
  },

  run: {
    path: '/functions/:name/runs/:id',
    title: 'Run',
    permit: 'function.read',
    view: 'function/run',
    live: ['function'],
    async load(ask) {
      const run = await ask.call('function_invocation', { id: Number(ask.query['id']) })
      return { title: `Run of ${run['name']}`, run, why: WHY[run['reason'] as keyof typeof WHY] }
    },
  },
}
