import { hkdfSync, randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Keys } from '../../contract/house.ts'
import { seal, unseal } from '../../core/envelope.ts'
import type { DataKeyRow, SecretSchema } from './secret.schema.ts'

/** A key that values are encrypted under, and the one that seals their rows. */
export interface DataKey {
  readonly id: number
  readonly key: Buffer
  readonly macKey: Buffer
}

/** A master key, and a name for it that tells nothing of it. */
export interface MasterKey {
  readonly id: string
  readonly key: Buffer
}

const bindingOf = (dataKeyId: number, masterId: string) => ['gatehouse data key 1', dataKeyId, masterId] as const

/** The master key of an installation: HKDF-SHA256 (RFC 5869) of its ACCESS_CONTROL_KEY. */
export const masterKeyOf = (keys: Keys): MasterKey => ({
  id: keys.derive('MASTER_KEY', 'secret-master-id').toString('hex', 0, 8),
  key: keys.derive('MASTER_KEY', 'secret-master'),
})

/** A data key as it is used. */
export const dataKeyOf = (id: number, key: Buffer): DataKey => ({
  id,
  key,
  macKey: Buffer.from(hkdfSync('sha256', key, 'gatehouse', 'secret-row-mac', 32)),
})

/** A data key under a master key, as it is kept. */
export function wrapDataKey(
  { id, key }: Pick<DataKey, 'id' | 'key'>,
  master: MasterKey,
  rowId: number,
  nowMs: number,
): DataKeyRow {
  const wrapped = seal(master.key, key, bindingOf(id, master.id))
  return { id: rowId, data_key_id: id, master_id: master.id, ...wrapped, created_at: nowMs, retired_at: null }
}

/** The opposite; `undefined` where it is not this master's, or was changed. */
export function unwrapDataKey(row: DataKeyRow, master: MasterKey): DataKey | undefined {
  const key = unseal(master.key, row, bindingOf(row.data_key_id, master.id))
  return key && dataKeyOf(row.data_key_id, key)
}

/** All wraps that still open something, oldest first. */
export const liveWraps = (db: Kysely<SecretSchema>): Promise<DataKeyRow[]> =>
  db.selectFrom('data_key').selectAll().where('retired_at', 'is', null).orderBy('id').execute()

/** A new data key, and its row. */
export function makeDataKey(master: MasterKey, id: number, nowMs: number): { readonly key: DataKey; readonly row: DataKeyRow } {
  const key = dataKeyOf(id, randomBytes(32))
  return { key, row: wrapDataKey(key, master, id, nowMs) }
}

/**
 * Every data key that this master key opens, the one for new values last.
 *
 * @throws TypeError naming what to do, where there are data keys and none of them opens
 */
export function openDataKeys(rows: readonly DataKeyRow[], master: MasterKey): DataKey[] {
  const mine = rows.filter((row) => row.master_id === master.id)
  if (rows.length > 0 && mine.length === 0)
    throw new TypeError(
      'The secrets of this data folder were encrypted under another ACCESS_CONTROL_KEY. Set the one that belongs to it, or bring it back from the recovery kit with gatehouse recovery restore; see ops/recovery.md.',
    )
  const missing = rows.find((row) => !mine.some(({ data_key_id }) => data_key_id === row.data_key_id))
  if (missing)
    throw new TypeError(
      'The change of ACCESS_CONTROL_KEY was broken off half way. Run gatehouse recovery rotate again: it goes on where it stopped.',
    )
  return mine.map((row) => {
    const key = unwrapDataKey(row, master)
    if (key) return key
    throw new TypeError(
      `The data key ${row.data_key_id} in secret.sqlite was changed and cannot be opened. Restore a backup of the data folder; see ops/recovery.md.`,
    )
  })
}
