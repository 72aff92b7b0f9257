import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import { defineModule } from '../../contract/module.ts'
import { Completion, completionOf } from '../../core/completion-of.ts'
import { countSources, findListed } from '../../core/find-listed.ts'
import { promptPages } from './prompt.pages.ts'
import { PromptRow, promptRow } from './prompt-row.ts'

const Name = z.string().min(1).max(500).describe('Its name, as prompt_list gives it.')
const Values = z.record(z.string().max(200), z.string().max(100_000))

/** The prompts that upstreams offer, as their caller sees them. */
export const prompt = defineModule({
  name: 'prompt',
  open: async (house: House) => ({ house, close: async () => {} }),
  pages: promptPages,
  operations: (op) => ({
    list: op({
      summary: 'List the prompts that the caller may get.',
      description: 'Grouped by upstream, a page at a time. Searches names, titles and descriptions.',
      route: 'GET /prompts',
      permit: 'prompt.read',
      effect: 'read',
      input: z.strictObject({
        text: z.string().max(200).optional().describe('Words that name, title, source or description must all contain.'),
        source: z.string().max(100).optional().describe('Only prompts of this upstream.'),
        name: Name.optional().describe('Only the prompt of this name.'),
        offset: z.int().min(0).default(0).describe('How many prompts to leave out from the front.'),
        limit: z.int().min(1).max(500).default(200),
      }),
      output: z.object({
        prompts: z.array(PromptRow),
        total: z.int().describe('How many there are on all pages.'),
        sources: z
          .array(z.object({ name: z.string(), count: z.int() }))
          .describe('Every upstream with prompts for this caller, whatever was searched for.'),
      }),
      example: { input: { text: 'review' }, outcome: 'ok' },
      run({ offset, limit, name, ...search }, { store, caller }) {
        const all = store.house.listed('prompt')
        const found = findListed(all, caller, { ...search, shownName: name })
        return {
          prompts: found.slice(offset, offset + limit).map(promptRow),
          total: found.length,
          sources: countSources(findListed(all, caller, {})),
        }
      },
    }),

    get: op({
      summary: 'Get a prompt with its arguments filled in.',
      description: 'Needs the right to the prompt itself as well, e.g. prompt:docs__review.',
      route: 'POST /prompts/:name',
      permit: 'prompt.read',
      effect: 'read',
      input: z.strictObject({ name: Name, arguments: Values.default({}).describe('Values of its arguments, all of them text.') }),
      output: z.object({
        name: z.string(),
        result: z
          .record(z.string(), z.unknown())
          .describe('MCP GetPromptResult, as the upstream sent it: description, messages.'),
      }),
      example: { input: { name: 'docs__review', arguments: { language: 'English' } }, outcome: 'not_found' },
      run: async ({ name, arguments: values }, { store, relay }) => ({
        name,
        result: { ...(await relay(doorName(store.house, name), values)) },
      }),
    }),

    complete: op({
      summary: 'Ask the upstream of a prompt for values of one of its arguments.',
      route: 'POST /prompts/:name/completion',
      permit: 'prompt.read',
      effect: 'read',
      input: z.strictObject({
        name: Name,
        argument: z.string().min(1).max(200).describe('Name of the argument.'),
        value: z.string().max(1_000).default('').describe('What was typed so far.'),
        arguments: Values.optional().describe('Arguments that are filled in already.'),
      }),
      output: Completion,
      example: { input: { name: 'docs__review', argument: 'language', value: 'En' }, outcome: 'not_found' },
      async run({ name, argument, value, arguments: known }, { store, relay }) {
        const args = { argument: { name: argument, value }, ...(known && { context: { arguments: known } }) }
        return completionOf(await relay(`completion:${doorName(store.house, name)}`, args))
      },
    }),
  }),
})

/** Rights are the door's to judge, so that a refusal names the right that is missing and is recorded. @throws Fault `not_found` */
function doorName({ listed }: House, name: string): string {
  const found = listed('prompt').find(({ shownName }) => shownName === name)
  if (found) return found.name
  throw new Fault('not_found', `There is no prompt named ${name.slice(0, 200)}. prompt_list names those that there are.`)
}
