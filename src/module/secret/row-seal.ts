import { createHmac, timingSafeEqual } from 'node:crypto'
import type { DataKey } from './data-keys.ts'
import type { SecretRow, VersionRow } from './secret.schema.ts'

type Unsealed<Row> = Omit<Row, 'mac'>

/** Every column, in a fixed order: what is added later goes to the end, with a default for older rows. */
const SEALED = {
  secret: (row: Unsealed<SecretRow>) => [
    row.id,
    row.name,
    row.description,
    row.issuer,
    row.current_version,
    row.expires_at,
    row.reminded_days,
    row.created_at,
    row.created_by,
    row.updated_at,
    row.updated_by,
    row.removed_at,
    row.data_key_id,
  ],
  version: (row: Unsealed<VersionRow>) => [
    row.id,
    row.secret_id,
    row.name,
    row.version,
    row.nonce.toString('base64'),
    row.sealed.toString('base64'),
    row.created_at,
    row.created_by,
    row.superseded_at,
    row.usable_until,
    row.destroyed_at,
    row.data_key_id,
  ],
} as const

interface Rows {
  readonly secret: SecretRow
  readonly version: VersionRow
}

const macOf = <Kind extends keyof Rows>(key: DataKey, kind: Kind, row: Unsealed<Rows[Kind]>): string =>
  createHmac('sha256', key.macKey)
    .update(JSON.stringify([kind, ...SEALED[kind](row as never)]))
    .digest('base64url')

/** A row under a data key, with its seal (HMAC-SHA256), so that one that was changed behind the gateway's back is known by it. */
export function sealRow<Kind extends keyof Rows>(
  key: DataKey,
  kind: Kind,
  row: Omit<Rows[Kind], 'mac' | 'data_key_id'>,
): Rows[Kind] {
  const bound = { ...row, data_key_id: key.id } as unknown as Unsealed<Rows[Kind]>
  return { ...bound, mac: macOf(key, kind, bound) } as unknown as Rows[Kind]
}

/** Whether a row is as the gateway wrote it. Compares in constant time. */
export function isGenuine<Kind extends keyof Rows>(key: DataKey | undefined, kind: Kind, row: Rows[Kind]): boolean {
  if (!key) return false
  // As texts, because the last letter of 43 has two bits that decode to nothing.
  const expected = Buffer.from(macOf(key, kind, row))
  const given = Buffer.from(row.mac)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
