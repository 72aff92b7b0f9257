import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import { requireUpdated } from '../../core/database.ts'
import { checkDraft, requireNoProblems } from './check-draft.ts'
import { readDefinition } from './definition.ts'
import type { FunctionStore } from './function.store.ts'

interface Order {
  readonly note: string
  readonly updatedAt?: number | undefined
}

/**
 * Make a version of the draft as it was checked, and let calls run it.
 *
 * @throws Fault `invalid` naming everything that is wrong with it, `forbidden` for keys that the publisher does not hold, `conflict` for a
 * draft that was changed meanwhile
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
  const definition = readDefinition(row.definition)
  requireHeld(definition.keys, caller)
  requireNoProblems(await checkDraft(store, { definition, source: row.source }, caller, signal))
  await store.rows.publish(row, note, caller.id)
  await store.registry.refresh(name)
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
