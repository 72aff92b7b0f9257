import type { Kysely } from 'kysely'
import { Fault } from '../../contract/fault.ts'
import { seal, unseal } from '../../core/envelope.ts'
import type { KeyRing } from './key-ring.ts'
import { isGenuine, sealRow } from './row-seal.ts'
import type { SecretRow, SecretSchema, VersionRow } from './secret.schema.ts'

/** What reading and writing of rows stands on. */
export interface RowGround {
  readonly db: Kysely<SecretSchema>
  readonly keyRing: KeyRing
}

/** A value with the version that it is of. */
export interface Value {
  readonly version: number
  readonly text: string
}

/** What a ciphertext is bound to, so that no value passes for another's. */
const bindingOf = (name: string, version: number, dataKeyId: number) => ['gatehouse secret 1', name, version, dataKeyId] as const

/** The live secret by a name. @throws Fault `not_found`, or `unavailable` for one that was changed behind the gateway's back */
export async function requireSecret({ db, keyRing }: RowGround, name: string): Promise<SecretRow> {
  const row = await db
    .selectFrom('secret')
    .selectAll()
    .where('name', '=', name)
    .where('removed_at', 'is', null)
    .executeTakeFirst()
  if (!row) throw new Fault('not_found', `There is no secret ${name.slice(0, 80)}. The operation secret_list names them.`)
  if (!isGenuine(keyRing.get(row.data_key_id), 'secret', row)) throw tampered(name)
  return row
}

/** All versions of a secret, newest first. */
export const versionsOf = ({ db }: RowGround, secretId: number): Promise<VersionRow[]> =>
  db.selectFrom('version').selectAll().where('secret_id', '=', secretId).orderBy('version', 'desc').execute()

/**
 * Decrypt one version.
 *
 * @param version the current one by default
 * @throws Fault `not_found` for a version that never was or is destroyed, `unavailable` for one that was changed
 */
export async function readValue(ground: RowGround, row: SecretRow, version = row.current_version): Promise<Value> {
  const found = await ground.db
    .selectFrom('version')
    .selectAll()
    .where('secret_id', '=', row.id)
    .where('version', '=', version)
    .executeTakeFirst()
  if (!found) throw new Fault('not_found', `Secret ${row.name} has no version ${version}. The operation secret_get lists them.`)
  if (found.destroyed_at !== null)
    throw new Fault('not_found', `Version ${version} of secret ${row.name} is destroyed: it was kept only for a while.`)
  const text = openVersion(ground.keyRing, row.name, found)
  if (text === undefined) throw tampered(row.name)
  return { version, text }
}

/** The value of a version row; `undefined` where it is not as the gateway wrote it for this name. */
export function openVersion(keyRing: KeyRing, name: string, row: VersionRow): string | undefined {
  const key = keyRing.get(row.data_key_id)
  if (!key || row.name !== name || !isGenuine(key, 'version', row)) return undefined
  return unseal(key.key, row, bindingOf(name, row.version, row.data_key_id))?.toString('utf8')
}

/** A version under the newest data key. */
export function sealVersion(
  { newest }: KeyRing,
  row: Omit<VersionRow, 'nonce' | 'sealed' | 'data_key_id' | 'mac'>,
  text: string,
): VersionRow {
  const sealed = seal(newest.key, Buffer.from(text, 'utf8'), bindingOf(row.name, row.version, newest.id))
  return sealRow(newest, 'version', { ...row, ...sealed })
}

const NOTHING = Buffer.alloc(0)

/** A version whose value is gone for good. */
export const destroyedVersion = ({ newest }: KeyRing, row: VersionRow, nowMs: number): VersionRow =>
  sealRow(newest, 'version', { ...row, nonce: NOTHING, sealed: NOTHING, destroyed_at: nowMs })

const tampered = (name: string): Fault =>
  new Fault(
    'unavailable',
    `Secret ${name} was changed in the store by something other than the gateway and counts for nothing. Set it anew, and find out who writes there.`,
  )
