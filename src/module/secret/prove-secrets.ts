import { existsSync } from 'node:fs'
import type { Keys } from '../../contract/house.ts'
import { openDatabase, storePath } from '../../core/database.ts'
import { liveWraps, masterKeyOf, openDataKeys } from './data-keys.ts'
import { createKeyRing } from './key-ring.ts'
import { SECRET_MIGRATIONS, type SecretSchema } from './secret.schema.ts'
import { openVersion } from './secret-rows.ts'

/** What became of the values of a store. */
export interface Proof {
  readonly values: number
  /** Names of those that could not be read. */
  readonly unreadable: readonly string[]
}

/** Decrypt every value of a data folder and keep none. @throws TypeError where the keys are not its own */
export async function proveSecrets(dataDir: string, keys: Keys): Promise<Proof> {
  const path = storePath({ dataDir }, 'secret')
  if (!existsSync(path)) return { values: 0, unreadable: [] }
  const { db, close } = await openDatabase<SecretSchema>({ path, migrations: SECRET_MIGRATIONS, synchronous: 'FULL' })
  try {
    const dataKeys = openDataKeys(await liveWraps(db), masterKeyOf(keys))
    if (dataKeys.length === 0) return { values: 0, unreadable: [] }
    const keyRing = createKeyRing(dataKeys)
    const rows = await db.selectFrom('version').selectAll().where('destroyed_at', 'is', null).execute()
    const unreadable = rows.filter((row) => openVersion(keyRing, row.name, row) === undefined).map(({ name }) => name)
    return { values: rows.length, unreadable }
  } finally {
    await close()
  }
}

/** @throws TypeError where the keys do not open the secrets of a data folder */
export async function requireOpens(dataDir: string, keys: Keys): Promise<void> {
  await proveSecrets(dataDir, keys)
}
