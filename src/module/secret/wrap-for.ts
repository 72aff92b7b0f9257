import { existsSync } from 'node:fs'
import type { Keys } from '../../contract/house.ts'
import { openDatabase, storePath } from '../../core/database.ts'
import { liveWraps, masterKeyOf, openDataKeys, wrapDataKey } from './data-keys.ts'
import { SECRET_MIGRATIONS, type SecretSchema } from './secret.schema.ts'

/**
 * Let a further master key open every data key of a data folder, beside the current one. Safe while a gateway runs there; twice is as good
 * as once.
 *
 * @returns how many data keys it was given
 */
export async function wrapFor(dataDir: string, current: Keys, next: Keys, nowMs: number): Promise<number> {
  const path = storePath({ dataDir }, 'secret')
  if (!existsSync(path)) return 0
  const { db, close } = await openDatabase<SecretSchema>({ path, migrations: SECRET_MIGRATIONS, synchronous: 'FULL' })
  const successor = masterKeyOf(next)
  try {
    return await db.transaction().execute(async (transaction) => {
      // A transaction that begins by writing waits for another process; one that begins by reading is refused.
      await transaction.updateTable('data_key').set({ retired_at: nowMs }).where('id', '<', 0).execute()
      const wraps = await liveWraps(transaction)
      const latest = Math.max(nowMs, ...wraps.map(({ id }) => id), ...wraps.map(({ created_at }) => created_at)) + 1
      const known = new Set(wraps.filter(({ master_id }) => master_id === successor.id).map(({ data_key_id }) => data_key_id))
      const own = wraps.filter(({ master_id }) => master_id !== successor.id)
      const missing = openDataKeys(own, masterKeyOf(current)).filter(({ id }) => !known.has(id))
      const rows = missing.map((key, index) => wrapDataKey(key, successor, latest + index, latest + index))
      if (rows.length > 0) await transaction.insertInto('data_key').values(rows).execute()
      return rows.length
    })
  } finally {
    await close()
  }
}
