import { randomUUID } from 'node:crypto'
import type { Kysely, Transaction } from 'kysely'
import type { House } from '../../contract/house.ts'
import type { Closable } from '../../contract/module.ts'
import type { Secrets } from '../../contract/secrets.ts'
import { type Database, openDatabase, storeOf } from '../../core/database.ts'
import { knownValues } from '../../core/known-values.ts'
import { liveWraps, type MasterKey, makeDataKey, masterKeyOf, openDataKeys } from './data-keys.ts'
import { createKeyRing, type KeyRing } from './key-ring.ts'
import { learnAll } from './known-secrets.ts'
import { createLookUp } from './look-up.ts'
import { Rotation } from './rotation.ts'
import { SECRET_MIGRATIONS, type SecretSchema } from './secret.schema.ts'
import type { SecretSettings } from './secret.settings.ts'
import { createUses, type Uses } from './uses.ts'

/** What of the house the store stands on; the command line has no more than this. */
export type SecretHouse = Pick<
  House<SecretSettings>,
  'dataDir' | 'settings' | 'nowMs' | 'nextId' | 'log' | 'keys' | 'events' | 'background'
> &
  Partial<Pick<House, 'stores' | 'meter'>>

/** A transaction of the secret store. */
export type SecretTransaction = Transaction<SecretSchema>

/** The open store. */
export interface SecretStore extends Closable {
  readonly house: SecretHouse
  readonly db: Kysely<SecretSchema>
  readonly master: MasterKey
  readonly keyRing: KeyRing
  /** What the values of this store are known by in this process. */
  readonly knownAs: string
  readonly uses: Uses
  readonly secrets: Secrets
  readonly rotation: Rotation
}

/**
 * Open `secret.sqlite`. Every commit survives a power cut (`synchronous = FULL`).
 *
 * @throws TypeError where the ACCESS_CONTROL_KEY is not the one that it was encrypted under
 */
export async function openSecretStore(house: SecretHouse): Promise<SecretStore> {
  const database = await openDatabase<SecretSchema>({
    ...storeOf(house, 'secret'),
    migrations: SECRET_MIGRATIONS,
    synchronous: 'FULL',
  })
  try {
    return await storeOn(house, database)
  } catch (thrown) {
    await database.close()
    throw thrown
  }
}

async function storeOn(house: SecretHouse, { db, close }: Database<SecretSchema>): Promise<SecretStore> {
  const master = masterKeyOf(house.keys)
  const knownAs = `secret ${randomUUID()} `
  const keyRing = await openKeyRing(house, db, master)
  const ground = { house, db, master, keyRing, knownAs, uses: createUses() }
  await learnAll(ground)
  const rotation = new Rotation(ground)
  return {
    ...ground,
    rotation,
    secrets: createLookUp(ground),
    async close() {
      await rotation.stop()
      knownValues.forget(knownAs)
      await close()
    },
  }
}

async function openKeyRing(house: SecretHouse, db: Kysely<SecretSchema>, master: MasterKey): Promise<KeyRing> {
  const keys = openDataKeys(await liveWraps(db), master)
  if (keys.length > 0) return createKeyRing(keys)
  const { key, row } = makeDataKey(master, house.nextId(), house.nowMs())
  await db.insertInto('data_key').values(row).execute()
  return createKeyRing([key])
}
