import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { checkDraft, Problem } from './check-draft.ts'
import { Definition, definitionFields, FunctionName, readDefinition } from './definition.ts'
import type { FunctionRow } from './function.schema.ts'
import { FunctionDetail, FunctionSummary, STATES } from './function.shapes.ts'
import type { FunctionStore } from './function.store.ts'
import { countRuns, detail, summarise } from './function.view.ts'
import type { Draft } from './function-rows.ts'
import { Tested, testDraft } from './test-draft.ts'

const name = FunctionName.describe('Its name; agents call fn__<name>')
const source = z.string().min(1).max(2_000_000).describe('Its code; a WASM module in base64')
const draftLanguage = definitionFields.language.unwrap().optional().describe('Of that source, where it is not the draft’s')
const draftSource = source.optional().describe('Instead of the source of the draft, to try what is not saved')

/** What authors do with drafts. */
export const draftOperations = (op: DefineOperation<FunctionStore>) => ({
  list: op({
    summary: 'List the functions and how often they ran.',
    route: 'GET /functions',
    permit: 'function.read',
    effect: 'read',
    input: z.strictObject({
      search: z.string().max(200).optional().describe('Part of a name, title or description'),
      state: z.enum(STATES).optional(),
    }),
    output: z.object({ functions: z.array(FunctionSummary) }),
    example: { input: {}, outcome: 'ok' },
    async run({ search = '', state }, { store, nowMs }) {
      const [rows, versions, counts] = await Promise.all([store.rows.all(), store.rows.current(), countRuns(store, nowMs)])
      const current = new Map(versions.map((version) => [version.function_id, version]))
      const all = rows.map((row) => summarise(row, current.get(row.id), counts.get(row.id)))
      const needle = search.toLowerCase()
      const functions = all.filter(
        (each) =>
          (state === undefined || each.state === state) &&
          `${each.name}\n${each.title}\n${each.description}`.toLowerCase().includes(needle),
      )
      return { functions }
    },
  }),

  get: op({
    summary: 'Show one function with its draft.',
    route: 'GET /functions/:name',
    permit: 'function.read',
    effect: 'read',
    input: z.strictObject({ name }),
    output: FunctionDetail,
    example: { input: { name: 'slug' }, outcome: 'not_found' },
    run: (input, { store, nowMs }) => detail(store, input.name, nowMs),
  }),

  create: op({
    summary: 'Create a function as a draft. Nobody can call it before it is published.',
    route: 'POST /functions',
    permit: 'function.write',
    effect: 'write',
    input: z.strictObject({ name, source, ...definitionFields }),
    output: FunctionDetail,
    example: {
      input: {
        name: 'double',
        description: 'Doubles a number.',
        source: 'export default ({ number }) => ({ double: number * 2 })',
        inputSchema: { type: 'object', required: ['number'], properties: { number: { type: 'number' } } },
        effect: 'read',
      },
      outcome: 'ok',
    },
    async run({ name, source, ...definition }, { store, caller, nowMs }) {
      await store.rows.create(name, draftOf(store, definition, source), caller.id)
      store.house.events.publish('function', { name })
      return detail(store, name, nowMs)
    },
  }),

  update: op({
    summary: 'Replace the draft of a function. What is published stays as it is.',
    route: 'PUT /functions/:name',
    permit: 'function.write',
    effect: 'write',
    input: z.strictObject({ name, updatedAt: z.int().describe('As function_get answered it'), source, ...definitionFields }),
    output: FunctionDetail,
    example: { input: { name: 'double', updatedAt: 1, source: 'export default () => 1' }, outcome: 'not_found' },
    async run({ name, updatedAt, source, ...definition }, { store, caller, nowMs }) {
      const row = await store.rows.get(name)
      await store.rows.update(row, draftOf(store, definition, source), updatedAt, caller.id)
      store.house.events.publish('function', { name })
      return detail(store, name, nowMs)
    },
  }),

  check: op({
    summary: 'Compile the draft of a function without running it, and judge its schemas.',
    route: 'POST /functions/:name/check',
    permit: 'function.write',
    effect: 'read',
    input: z.strictObject({ name, source: draftSource, language: draftLanguage }),
    output: z.object({ problems: z.array(Problem).describe('None: it can be published') }),
    example: { input: { name: 'double' }, outcome: 'not_found' },
    async run({ name, source, language }, { store, caller, signal }) {
      const draft = draftIn(store, await store.rows.get(name), source, language)
      return { problems: [...(await checkDraft(store, draft, caller, signal))] }
    },
  }),

  test: op({
    summary: 'Run the draft of a function with an input, as you.',
    description:
      'For authors: agents call what is published. With nowMs and seed the clock stands still and the dice fall the same each time.',
    route: 'POST /functions/:name/test',
    permit: 'function.write',
    effect: 'write',
    input: z.strictObject({
      name,
      input: z.record(z.string(), z.unknown()).default({}).describe('Its arguments'),
      source: draftSource,
      language: draftLanguage,
      nowMs: z.int().min(0).optional().describe('What its clock shows, ms since the epoch'),
      seed: z.int().min(0).max(2_147_483_647).optional().describe('Of its dice'),
    }),
    output: Tested,
    example: { input: { name: 'double', input: { number: 2 } }, outcome: 'not_found' },
    async run({ name, source, language, ...trial }, { store, caller, signal, requestId, visitId }) {
      const row = await store.rows.get(name)
      return testDraft(store, row, draftIn(store, row, source, language), trial, { caller, signal, requestId, visitId })
    },
  }),
})

function draftOf(store: FunctionStore, fields: object, source: string): Draft {
  requireLength(store, source)
  return { definition: Definition.parse(fields), source }
}

/** The draft as it is kept, or with a source that is not. */
function draftIn(store: FunctionStore, row: FunctionRow, source?: string, language?: Definition['language']): Draft {
  if (source !== undefined) requireLength(store, source)
  const definition = readDefinition(row.definition)
  return { definition: { ...definition, language: language ?? definition.language }, source: source ?? row.source }
}

function requireLength({ house }: FunctionStore, source: string): void {
  const { maxSourceChars } = house.settings
  if (source.length <= maxSourceChars) return
  throw new Fault(
    'too_large',
    `The source has ${source.length} characters; maxSourceChars in [function] allows ${maxSourceChars}.`,
    { data: { limit: maxSourceChars } },
  )
}
