import { defineModule } from '../../../src/contract/module.ts'
import type { Callable, Listed, ListedKind } from '../../../src/contract/tool.ts'
import type { Entry, RelayedResult } from '../../../src/contract/visit.ts'

/** What a hostile upstream writes wherever it may write. */
export const HOSTILE = '<script>document.title=1</script>"\'>{{7}}‮'

type Answering = (args: Readonly<Record<string, unknown>>) => RelayedResult

const callable = (name: string, kind: Callable['kind'], permit: string, answer: Answering, entries: Entry[]): Callable => ({
  name,
  source: 'docs',
  localName: name.slice(name.indexOf('__') + 2),
  kind,
  permit,
  effect: 'read',
  idempotent: true,
  parse: (raw) => raw,
  async run(visit) {
    entries.push(visit)
    return { kind: 'relay', result: answer(visit.arguments as Record<string, unknown>) }
  },
})

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

const PROMPTS: readonly (readonly [string, object, Answering])[] = [
  [
    'review',
    {
      title: 'Review a text',
      description: 'Asks for a review of a text, in the language of its readers.',
      arguments: [
        { name: 'language', title: 'Language', description: 'Of the readers.', required: true },
        { name: 'a/b~c', description: 'An odd name.' },
      ],
    },
    (args) => ({
      description: 'A review',
      messages: [
        { role: 'user', content: { type: 'text', text: `Review it in ${JSON.stringify(args)}.` } },
        { role: 'assistant', content: { type: 'image', data: PNG, mimeType: 'image/png' } },
      ],
      _meta: { kept: true },
    }),
  ],
  ['plain', {}, () => ({ messages: [] })],
  ['asking', {}, () => ({ resultType: 'input_required', inputRequests: {} })],
  [
    HOSTILE,
    { title: HOSTILE, description: HOSTILE, arguments: [{ name: HOSTILE, description: HOSTILE }, null, { name: 7 }] },
    () => ({ description: HOSTILE, messages: [{ role: HOSTILE, content: { type: 'text', text: HOSTILE } }] }),
  ],
]

const contents =
  (content: object): Answering =>
  ({ uri }) => ({ contents: [{ uri, ...content }] })

const RESOURCES: readonly (readonly [string, object, Answering])[] = [
  [
    'file:///notes/readme.md',
    { name: 'readme', title: 'Read me', description: 'What this is about.', mimeType: 'text/markdown', size: 812 },
    contents({ mimeType: 'text/markdown', text: '# Notes\n\nRead them.' }),
  ],
  ['file:///notes/logo.png', { name: 'logo', mimeType: 'image/png' }, contents({ mimeType: 'image/png', blob: PNG })],
  [
    'file:///notes/all.zip',
    { name: 'all', mimeType: 'application/zip' },
    contents({ mimeType: 'application/zip', blob: 'AAAA' }),
  ],
  [
    `evil://${HOSTILE}`,
    { name: HOSTILE, title: HOSTILE, description: HOSTILE },
    contents({ mimeType: 'text/html', text: HOSTILE }),
  ],
]

const TEMPLATES: readonly (readonly [string, object, Answering])[] = [
  ['page://{section}/{+path}', { name: 'pages', description: 'A page of the handbook.' }, contents({ text: 'A page.' })],
]

/** A source `docs` that offers prompts, resources and a template, as an upstream would. It keeps how it was entered. */
export function library() {
  const entries: Entry[] = []
  const listed = (kind: ListedKind, rows: typeof PROMPTS): Listed[] =>
    rows.map(([localName, definition, answer]) => {
      const name = `${kind === 'prompt' ? 'prompt' : 'resource'}:docs__${localName}`
      const shownName = kind === 'prompt' ? `docs__${localName}` : localName
      return {
        ...callable(name, kind, name, answer, entries),
        kind,
        permit: name,
        localName,
        shownName,
        definition: { ...definition },
      }
    })
  const lists = {
    prompt: listed('prompt', PROMPTS),
    resource: listed('resource', RESOURCES),
    template: listed('template', TEMPLATES),
  }
  const completion: Answering = ({ argument, context }) => ({
    completion: { values: [JSON.stringify(argument), 7, JSON.stringify(context ?? null)], total: 3, hasMore: true },
  })
  const module = defineModule({
    name: 'docs',
    open: async () => ({ close: async () => {} }),
    operations: () => ({}),
    source: () => ({
      list: () => [],
      listed: (kind) => lists[kind],
      find(name) {
        const completed = /^completion:(.*)$/s.exec(name)?.[1]
        if (completed !== undefined) return callable(name, 'completion', completed, completion, entries)
        return name.startsWith('resource:docs__page://')
          ? callable(name, 'resource', name, contents({ text: 'An unlisted page.' }), entries)
          : undefined
      },
      resourceNames: (uri) => (uri.startsWith('page://') ? [`resource:docs__${uri}`] : []),
      onChange: () => () => {},
    }),
  })
  return { module, entries }
}
