import { Fault } from '../../contract/fault.ts'
import { writeSecret } from './change-secret.ts'
import { isGenuine } from './row-seal.ts'
import type { SecretRow } from './secret.schema.ts'
import type { SecretStore } from './secret.store.ts'
import { readValue } from './secret-rows.ts'

/** Bring back the secret that was removed last under a name. @throws Fault `not_found`, `conflict` where the name is taken again */
export async function restoreSecret(store: SecretStore, name: string, by: string): Promise<SecretRow> {
  const row = await store.db
    .selectFrom('secret')
    .selectAll()
    .where('name', '=', name)
    .where('removed_at', 'is not', null)
    .orderBy('removed_at', 'desc')
    .executeTakeFirst()
  if (!row || !isGenuine(store.keyRing.get(row.data_key_id), 'secret', row))
    throw new Fault('not_found', `No secret ${name.slice(0, 80)} was removed.`)
  await readValue(store, row)
  try {
    const restored = await writeSecret(store, store.db, row, { removed_at: null, updated_by: by })
    store.house.events.publish('secret', { name })
    return restored
  } catch (cause) {
    if (!/unique/i.test(String((cause as Error).message))) throw cause
    throw new Fault('conflict', `There is another secret ${name} by now. Remove that one first.`, { cause })
  }
}
