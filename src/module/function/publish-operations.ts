import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { belowCursor, NextCursor, Paging } from '../../core/paging.ts'
import { callOff } from './call-off.ts'
import { FunctionName, readDefinition } from './definition.ts'
import { FunctionDetail, VersionDetail, VersionSummary } from './function.shapes.ts'
import type { FunctionStore } from './function.store.ts'
import { detail, shownVersion } from './function.view.ts'
import { type DiffLine, lineDiff } from './line-diff.ts'
import { publishDraft } from './publish-draft.ts'

const name = FunctionName
const version = z.int().min(1)

/** What becomes of drafts: versions, and whether they can be called. */
export const publishOperations = (op: DefineOperation<FunctionStore>) => ({
  publish: op({
    summary: 'Publish the draft of a function as its next version, which calls run from now on.',
    description:
      'Refused while anything is wrong with it (function_check), and for keys that you do not hold yourself. A version never changes.',
    route: 'POST /functions/:name/versions',
    permit: 'function.publish',
    effect: 'write',
    input: z.strictObject({
      name,
      note: z.string().max(1_000).default('').describe('What is new'),
      updatedAt: z.int().optional().describe('As function_get answered it: publish this draft and no later one'),
    }),
    output: FunctionDetail,
    example: { input: { name: 'double', note: 'First.' }, outcome: 'not_found' },
    async run({ name, ...order }, { store, caller, signal, nowMs }) {
      await publishDraft(store, name, order, caller, signal)
      return detail(store, name, nowMs)
    },
  }),

  roll_back: op({
    summary: 'Let calls of a function run an earlier version. The draft stays as it is.',
    route: 'POST /functions/:name/roll-back',
    permit: 'function.publish',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ name, version }),
    output: FunctionDetail,
    example: { input: { name: 'double', version: 1 }, outcome: 'not_found' },
    async run({ name, version }, { store, caller, nowMs }) {
      const row = await store.rows.get(name)
      if (!(await store.rows.version(row.id, version))) throw noVersion(name, version)
      await store.rows.set(row, { current_version: version }, caller.id)
      await store.registry.refresh(name)
      return detail(store, name, nowMs)
    },
  }),

  versions: op({
    summary: 'List the versions of a function, newest first.',
    route: 'GET /functions/:name/versions',
    permit: 'function.read',
    effect: 'read',
    input: z.strictObject({ name, ...Paging }),
    output: z.object({ versions: z.array(VersionSummary), nextCursor: NextCursor }),
    example: { input: { name: 'double' }, outcome: 'not_found' },
    async run({ name, limit, cursor }, { store }) {
      const row = await store.rows.get(name)
      const found = await store.rows.versions(row.id, belowCursor(cursor), limit + 1)
      const shown = found.slice(0, limit)
      return {
        versions: shown.map((each) => shownVersion(row, each)),
        nextCursor: found.length > limit ? String(shown.at(-1)!.version) : null,
      }
    },
  }),

  version: op({
    summary: 'Show one version of a function with its source, and what it changed.',
    route: 'GET /functions/:name/versions/:version',
    permit: 'function.read',
    effect: 'read',
    input: z.strictObject({
      name,
      version,
      against: version.optional().describe('Another version, to see the difference from it'),
    }),
    output: VersionDetail,
    example: { input: { name: 'double', version: 1 }, outcome: 'not_found' },
    async run({ name, version, against }, { store }) {
      const row = await store.rows.get(name)
      const [found, other] = await Promise.all(
        [version, against].map((number) => (number === undefined ? undefined : store.rows.version(row.id, number))),
      )
      if (!found) throw noVersion(name, version)
      if (against !== undefined && !other) throw noVersion(name, against)
      const { definition, source } = found
      return {
        ...shownVersion(row, found),
        definition: readDefinition(definition),
        source,
        diff: (other && lineDiff(other.source, source)) ?? null,
        definitionDiff: (other && definitionDiff(other.definition, definition)) ?? null,
      }
    },
  }),

  enable: op({
    summary: 'Let a function be called again.',
    route: 'POST /functions/:name/enable',
    permit: 'function.publish',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ name }),
    output: FunctionDetail,
    example: { input: { name: 'double' }, outcome: 'not_found' },
    run: (input, { store, caller, nowMs }) => setEnabled(store, input.name, true, caller.id, nowMs),
  }),

  disable: op({
    summary: 'Take the tool of a function away from everybody. What runs, or was submitted, goes on.',
    route: 'POST /functions/:name/disable',
    permit: 'function.publish',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ name }),
    output: FunctionDetail,
    example: { input: { name: 'double' }, outcome: 'not_found' },
    run: (input, { store, caller, nowMs }) => setEnabled(store, input.name, false, caller.id, nowMs),
  }),

  remove: op({
    summary: 'Remove a function. Its versions and invocations stay in the records.',
    description: 'What was submitted and has not begun is called off; what runs goes on.',
    route: 'DELETE /functions/:name',
    permit: 'function.publish',
    effect: 'erase',
    input: z.strictObject({ name }),
    output: z.object({ name: z.string() }),
    example: { input: { name: 'double' }, outcome: 'not_found' },
    async run({ name }, { store, caller, nowMs }) {
      const row = await store.rows.get(name)
      await store.rows.set(row, { removed_at: nowMs }, caller.id)
      await store.registry.refresh(name)
      await callOff(store, row.id, `${name} was removed before it ran.`)
      return { name }
    },
  }),
})

/** New rights and limits are no line of the source. */
function definitionDiff(before: string, after: string): DiffLine[] | undefined {
  const [left, right] = [before, after].map((text) => JSON.stringify(readDefinition(text), undefined, 2))
  return left === right ? undefined : lineDiff(left!, right!)
}

async function setEnabled(store: FunctionStore, name: string, enabled: boolean, by: string, nowMs: number) {
  const row = await store.rows.get(name)
  if (Boolean(row.enabled) !== enabled) await store.rows.set(row, { enabled: enabled ? 1 : 0 }, by)
  await store.registry.refresh(name)
  return detail(store, name, nowMs)
}

const noVersion = (name: string, version: number): Fault =>
  new Fault('not_found', `${name} has no version ${version}. function_versions shows those that it has.`)
