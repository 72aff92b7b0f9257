import type { Log } from '../../../src/contract/house.ts'
import { createEvents } from '../../../src/core/events.ts'
import { createIds } from '../../../src/core/id.ts'
import { createKeys } from '../../../src/core/keys.ts'
import { sealRow } from '../../../src/module/secret/row-seal.ts'
import { secretSettings } from '../../../src/module/secret/secret.settings.ts'
import type { SecretHouse, SecretStore } from '../../../src/module/secret/secret.store.ts'
import { sealVersion } from '../../../src/module/secret/secret-rows.ts'

const silent = (): void => {}
const log: Log = { debug: silent, info: silent, warn: silent, error: silent, child: () => log }

/** What a secret store stands on, without a gateway around it; what goes wrong in its background ends the process. */
export function secretHouse(dataDir: string): SecretHouse {
  return {
    dataDir,
    settings: secretSettings.parse({}),
    nowMs: Date.now,
    nextId: createIds(Date.now),
    log,
    keys: createKeys({ SECRET_KEY_BASE: 'a'.repeat(64), COOKIE_SALT: 'b'.repeat(64), ACCESS_CONTROL_KEY: 'c'.repeat(64) }),
    events: createEvents(log),
    background: (_event, work) => void work,
  }
}

/** The value of one of many. */
export const sampleValue = (index: number): string => `value-${index}-${(index * 2_654_435_761).toString(36)}`

/** Write many secrets, `s0` and so on, in one transaction. */
export async function fillSecrets(
  { db, keyRing, house }: Pick<SecretStore, 'db' | 'keyRing' | 'house'>,
  count: number,
): Promise<void> {
  const now = house.nowMs()
  await db.transaction().execute(async (transaction) => {
    for (let index = 0; index < count; index++) {
      const id = house.nextId()
      const name = `s${index}`
      const made = { created_at: now, created_by: 'test' }
      const secret = sealRow(keyRing.newest, 'secret', {
        ...{ id, name, description: '', issuer: '', current_version: 1, expires_at: null, reminded_days: null, ...made },
        ...{ updated_at: now, updated_by: 'test', removed_at: null },
      })
      const version = sealVersion(
        keyRing,
        { id, secret_id: id, name, version: 1, ...made, superseded_at: null, usable_until: null, destroyed_at: null },
        sampleValue(index),
      )
      await transaction.insertInto('secret').values(secret).execute()
      await transaction.insertInto('version').values(version).execute()
    }
  })
}
