import { z } from 'zod'
import type { Listed } from '../../contract/tool.ts'
import { listedText } from '../../core/listed-text.ts'

/** Arguments that are shown; a prompt of people has a handful. */
const MAX_ARGUMENTS = 200

/** A prompt as a list shows it. */
export const PromptRow = z.object({
  name: z.string().describe('Its name for MCP clients where all sources are served.'),
  title: z.string(),
  source: z.string().describe('The upstream that it comes from.'),
  localName: z.string().describe('Its name within the source.'),
  right: z.string().describe('The right that getting it needs, which is its name in records as well.'),
  description: z.string(),
  arguments: z.array(z.object({ name: z.string(), title: z.string(), description: z.string(), required: z.boolean() })),
})

/** Show a prompt in a list. Its definition comes from outside, so that nothing in it is taken for granted. */
export function promptRow({ shownName, source, localName, permit, definition }: Listed): z.output<typeof PromptRow> {
  return {
    name: shownName,
    title: listedText(definition, 'title') || localName,
    source,
    localName,
    right: permit,
    description: listedText(definition, 'description'),
    arguments: argumentsOf(definition['arguments']),
  }
}

function argumentsOf(declared: unknown): z.output<typeof PromptRow>['arguments'] {
  return (Array.isArray(declared) ? declared : [])
    .filter((one) => typeof one === 'object' && one !== null && typeof one.name === 'string')
    .slice(0, MAX_ARGUMENTS)
    .map((one: Readonly<Record<string, unknown>>) => ({
      name: String(one['name']),
      title: listedText(one, 'title'),
      description: listedText(one, 'description'),
      required: one['required'] === true,
    }))
}
