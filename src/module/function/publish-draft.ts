import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import { requireUpdated } from '../../core/database.ts'
import { checkDraft, requireNoProblems } from './check-draft.ts'
import { readDefinition } from './definition.ts'
import type { FunctionRow } from './function.schema.ts'
import type { FunctionStore } from './function.store.ts'

interface Order {
  readonly note: string
  readonly updatedAt?: number | undefined
}

/**
 * Make a version of the draft as it was checked, and let calls run it.
 *
 * @throws Fault `invalid` naming everything that is wrong with it, `forbidden` for keys that the publisher does not hold, `conflict` for a
 * draft that was changed meanwhile, or is what calls run already
 */
export async function publishDraft(
  store: FunctionStore,
  name: string,
  { note, updatedAt }: Order,
  caller: Caller,
  signal: AbortSignal,
): Promise<void> {
  const row = await store.rows.get(name)
  requireUpdated(updatedAt === undefined || updatedAt === row.updated_at ? 1 : 0, `The function ${name}`)
  await requireChanged(store, row)
  const definition = readDefinition(row.definition)
  requireHeld(definition.keys, caller)
  requireNoProblems(await checkDraft(store, { definition, source: row.source }, caller, signal))
  await store.rows.publish(row, note, caller.id)
  await store.registry.refresh(name)
}

/** Twice the same would be a version that says nothing; whoever asks twice is told that it is done. */
async function requireChanged({ rows }: FunctionStore, row: FunctionRow): Promise<void> {
  const current = row.current_version === null ? undefined : await rows.version(row.id, row.current_version)
  if (current?.source_hash !== row.source_hash || current.definition !== row.definition) return
  throw new Fault('conflict', `The draft of ${row.name} is version ${current.version}, which calls run already. Change it first.`)
}

/** Code acts with its caller's rights; nobody lets others' rights be used whom they could not have asked to. */
function requireHeld(keys: readonly string[], caller: Caller): void {
  const missing = keys.filter((key) => !caller.grants.allows(key))
  if (missing.length === 0) return
  throw new Fault(
    'forbidden',
    `A function may be given no rights that its publisher does not hold: ${missing.join(', ')}. Take them out of its keys, or let somebody publish it who holds them.`,
    { data: { keys: missing } },
  )
}
