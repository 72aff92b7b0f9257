import { Fault } from '../../contract/fault.ts'
import type { Page } from '../../contract/page.ts'
import { listRange, offsetOf } from '../../core/list-range.ts'

/** How many prompts one page shows. */
const PAGE_SIZE = 200

/** Upstreams may call things by texts of any length. */
const TITLE_CHARS = 200

interface Argument {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly required: boolean
}

/** The console's pages about prompts. */
export const promptPages: Readonly<Record<string, Page>> = {
  list: {
    path: '/prompts',
    title: 'Prompts',
    menu: 'Connect',
    icon: 'quote',
    permit: 'prompt.read',
    view: 'prompt/list',
    live: ['catalog', 'upstream'],
    async load(ask) {
      const { q, source } = ask.query
      const offset = offsetOf(ask.query['offset'])
      const found = await ask.call('prompt_list', {
        ...{ offset, limit: PAGE_SIZE },
        ...(q && { text: q }),
        ...(source && { source }),
      })
      const prompts: readonly { readonly source: string }[] = found['prompts']
      return {
        ...found,
        groups: [...Map.groupBy(prompts, (one) => one.source)].map(([name, rows]) => ({ source: name, prompts: rows })),
        filter: { q, source },
        narrowed: Boolean(q || source),
        ...listRange(offset, prompts.length, found['total'], PAGE_SIZE),
      }
    },
  },

  one: {
    path: '/prompts/:name',
    title: 'Prompt',
    permit: 'prompt.read',
    view: 'prompt/one',
    scripts: ['complete.js'],
    async load(ask) {
      const name = ask.query['name'] ?? ''
      const { prompts } = await ask.call('prompt_list', { name, limit: 1 })
      const [prompt] = prompts
      if (!prompt) throw new Fault('not_found', `There is no prompt named ${name.slice(0, 200)} that you may get.`)
      return {
        title: prompt.title.slice(0, TITLE_CHARS),
        prompt,
        shapes: { arguments: schemaOf(prompt.arguments) },
        initial: { name },
      }
    },
  },
}

/** A field for each argument; values of prompts are texts. */
function schemaOf(declared: readonly Argument[]): object {
  return {
    type: 'object',
    properties: Object.fromEntries(
      declared.map(({ name, title, description }) => [
        name,
        { type: 'string', ...(title && { title }), ...(description && { description }) },
      ]),
    ),
    required: declared.filter(({ required }) => required).map(({ name }) => name),
  }
}
