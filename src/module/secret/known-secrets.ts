import { knownValues } from '../../core/known-values.ts'
import type { SecretRow, VersionRow } from './secret.schema.ts'
import type { SecretStore } from './secret.store.ts'
import { openVersion, versionsOf } from './secret-rows.ts'

type Ground = Pick<SecretStore, 'db' | 'keyRing' | 'knownAs' | 'house'>

const keyOf = ({ knownAs }: Ground, { secret_id, version }: VersionRow): string => `${knownAs}${secret_id}/${version}`

/** Versions that are read at once while the store opens. */
const BATCH = 500

/** Let the scrubber know every value of a secret that is still kept, of older versions too. */
export async function learn(ground: Ground, { id, name }: Pick<SecretRow, 'id' | 'name'>): Promise<void> {
  for (const row of await versionsOf(ground, id)) {
    const value = row.destroyed_at === null ? openVersion(ground.keyRing, name, row) : undefined
    knownValues.set(keyOf(ground, row), value === undefined ? [] : [value])
  }
}

/** The same for all of them, removed ones included; one that cannot be read is logged and hides no other. */
export async function learnAll(ground: Ground): Promise<void> {
  for (let after = 0; ; ) {
    const rows = await ground.db
      .selectFrom('version')
      .selectAll()
      .where('id', '>', after)
      .where('destroyed_at', 'is', null)
      .orderBy('id')
      .limit(BATCH)
      .execute()
    for (const row of rows) {
      const value = openVersion(ground.keyRing, row.name, row)
      if (value === undefined) ground.house.log.error({ name: row.name, version: row.version }, 'secret.tampered')
      else knownValues.set(keyOf(ground, row), [value])
    }
    if (rows.length < BATCH) return
    after = rows.at(-1)!.id
  }
}
