import { Fault } from '../../contract/fault.ts'
import { requireUpdated } from '../../core/database.ts'
import { learn } from './known-secrets.ts'
import { sealRow } from './row-seal.ts'
import type { SecretRow, VersionRow } from './secret.schema.ts'
import type { SecretStore, SecretTransaction } from './secret.store.ts'
import { destroyedVersion, readValue, requireSecret, sealVersion } from './secret-rows.ts'

/** What a new secret is made of. */
export interface NewSecret {
  readonly name: string
  readonly value: string
  readonly description: string
  readonly issuer: string
  readonly expiresAt: number | null
}

/** What a new value brings. */
export interface NewValue {
  readonly text: string
  /** How long the one before is kept, in ms. */
  readonly overlapMs: number
  /** `undefined` leaves the end of the secret as it is. */
  readonly expiresAt: number | null | undefined
}

/** @throws Fault `conflict` where there is one by this name */
export async function createSecret(store: SecretStore, secret: NewSecret, by: string): Promise<SecretRow> {
  const { house, db, keyRing } = store
  const now = house.nowMs()
  const { name, description, issuer, expiresAt } = secret
  const row = sealRow(keyRing.newest, 'secret', {
    ...{ id: house.nextId(), name, description, issuer, current_version: 1, expires_at: expiresAt, reminded_days: null },
    ...{ created_at: now, created_by: by, updated_at: now, updated_by: by, removed_at: null },
  })
  try {
    await db.transaction().execute(async (transaction) => {
      await transaction.insertInto('secret').values(row).execute()
      await insertVersion(store, transaction, row, 1, secret.value, by)
    })
  } catch (cause) {
    if (!/unique/i.test(String((cause as Error).message))) throw cause
    throw new Fault('conflict', `There is a secret ${name} already. Give it a new value with secret_set.`, { cause })
  }
  return changed(store, row)
}

/** A further version, which is the current one from now on. */
export async function setValue(store: SecretStore, name: string, value: NewValue, by: string): Promise<SecretRow> {
  const row = await store.db.transaction().execute(async (transaction) => {
    const before = await requireSecret({ ...store, db: transaction }, name)
    const version = before.current_version + 1
    await supersede(store, transaction, before, value.overlapMs)
    await insertVersion(store, transaction, before, version, value.text, by)
    const ends = value.expiresAt === undefined ? {} : { expires_at: value.expiresAt, reminded_days: null }
    return writeSecret(store, transaction, before, { current_version: version, ...ends, updated_by: by })
  })
  return changed(store, row)
}

/** An earlier value as a further version. @throws Fault `not_found` for a version that is destroyed, `conflict` for the current one */
export async function rollBack(
  store: SecretStore,
  name: string,
  version: number,
  overlapMs: number,
  by: string,
): Promise<SecretRow> {
  const row = await requireSecret(store, name)
  if (version === row.current_version) throw new Fault('conflict', `Version ${version} of secret ${name} is the current one.`)
  const { text } = await readValue(store, row, version)
  return setValue(store, name, { text, overlapMs, expiresAt: undefined }, by)
}

/** Change what is known about a secret. @throws Fault `conflict` where somebody else did meanwhile */
export async function describeSecret(
  store: SecretStore,
  name: string,
  updatedAt: number,
  change: Partial<Pick<SecretRow, 'description' | 'issuer' | 'expires_at' | 'reminded_days'>>,
  by: string,
): Promise<SecretRow> {
  const row = await store.db.transaction().execute(async (transaction) => {
    const before = await requireSecret({ ...store, db: transaction }, name)
    requireUpdated(before.updated_at === updatedAt ? 1 : 0, `Secret ${name}`)
    return writeSecret(store, transaction, before, { ...change, updated_by: by })
  })
  return changed(store, row)
}

/** Take it away; it can be restored for a while. @throws Fault `conflict` while something refers to it */
export async function removeSecret(store: SecretStore, name: string, by: string): Promise<SecretRow> {
  const before = await requireSecret(store, name)
  const uses = store.uses.of(name)
  if (uses.length > 0) {
    const where = uses.slice(0, 5).map((use) => `${use.by} (${use.field})`)
    throw new Fault('conflict', `Secret ${name} is used by ${where.join(', ')}. Take the reference out there first.`)
  }
  return changed(store, await writeSecret(store, store.db, before, { removed_at: store.house.nowMs(), updated_by: by }))
}

/** Write a change of a secret's row, sealed; the lock moves with every write. */
export async function writeSecret(
  { house, keyRing }: SecretStore,
  db: Pick<SecretStore['db'], 'updateTable'>,
  before: SecretRow,
  change: Partial<SecretRow>,
): Promise<SecretRow> {
  const updated_at = Math.max(house.nowMs(), before.updated_at + 1)
  const row = sealRow(keyRing.newest, 'secret', { ...before, ...change, updated_at })
  const result = await db
    .updateTable('secret')
    .set(row)
    .where('id', '=', row.id)
    .where('updated_at', '=', before.updated_at)
    .executeTakeFirst()
  requireUpdated(result.numUpdatedRows, `Secret ${row.name}`)
  return row
}

/** Make the value of a version unreadable for good. */
export async function destroyVersion({ db, keyRing, house }: SecretStore, row: VersionRow): Promise<void> {
  const destroyed = destroyedVersion(keyRing, row, house.nowMs())
  await db.updateTable('version').set(destroyed).where('id', '=', row.id).where('mac', '=', row.mac).execute()
}

async function insertVersion(
  { house, keyRing }: SecretStore,
  transaction: SecretTransaction,
  { id, name }: SecretRow,
  version: number,
  text: string,
  by: string,
): Promise<void> {
  const row = sealVersion(
    keyRing,
    {
      ...{ id: house.nextId(), secret_id: id, name, version, created_at: house.nowMs(), created_by: by },
      ...{ superseded_at: null, usable_until: null, destroyed_at: null },
    },
    text,
  )
  await transaction.insertInto('version').values(row).execute()
}

/** The version that was current until now is kept for a while. */
async function supersede(
  store: SecretStore,
  transaction: SecretTransaction,
  secret: SecretRow,
  overlapMs: number,
): Promise<void> {
  const row = await transaction
    .selectFrom('version')
    .selectAll()
    .where('secret_id', '=', secret.id)
    .where('version', '=', secret.current_version)
    .executeTakeFirstOrThrow()
  const now = store.house.nowMs()
  const { text } = await readValue({ ...store, db: transaction }, secret)
  const next = sealVersion(store.keyRing, { ...row, superseded_at: now, usable_until: now + overlapMs }, text)
  await transaction.updateTable('version').set(next).where('id', '=', row.id).execute()
}

async function changed(store: SecretStore, row: SecretRow): Promise<SecretRow> {
  await learn(store, row)
  store.house.events.publish('secret', { name: row.name })
  return row
}
