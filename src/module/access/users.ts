import { Fault } from '../../contract/fault.ts'
import { requireUpdated } from '../../core/database.ts'
import type { UserRow } from './access.schema.ts'
import type { AccessStore, AccessTransaction } from './access.store.ts'
import { insertGrant } from './grants.ts'
import { keepAnAdmin } from './keep-an-admin.ts'
import { requireGoodPassword } from './password-rule.ts'
import type { UserRights } from './rights.ts'
import { isGenuine, sealed } from './sealed-rows.ts'
import { closeSessionsOf } from './sessions.ts'
import { nameKey } from './user-name.ts'

/** What a new user is made of. */
export interface NewUser {
  readonly name: string
  readonly email?: string | undefined
  /** Without one the user cannot sign in, but can own tokens. */
  readonly password?: string | undefined
  /** What the user holds from the beginning, without end. */
  readonly keys: readonly string[]
  /** Id of the caller who makes it. */
  readonly by: string
}

/**
 * Make a user.
 *
 * @param meanwhile written in the same transaction, first: may still refuse by throwing
 * @throws Fault `conflict` for a name that is taken, `invalid` for a password that will not do
 */
export async function addUser(
  store: AccessStore,
  { name, email, password, keys, by }: NewUser,
  meanwhile?: (transaction: AccessTransaction, userId: number) => Promise<void>,
): Promise<UserRow> {
  if (password !== undefined) requireGoodPassword(store, name, password)
  const password_hash = password === undefined ? null : await store.passwords.hash(password)
  const { nextId, nowMs } = store.house
  const id = nextId()
  return store.change(id, async (transaction) => {
    await meanwhile?.(transaction, id)
    const now = nowMs()
    const row = sealed(store.seals, 'user', {
      id,
      name,
      name_key: nameKey(name),
      email: email ?? null,
      password_hash,
      external_id: null,
      disabled_at: null,
      created_at: now,
      created_by: by,
      updated_at: now,
    })
    await requireFreeName(transaction, row)
    await transaction.insertInto('user').values(row).execute()
    for (const key of keys) await insertGrant(store, transaction, { userId: id, key, expiresAt: null, by })
    return row
  })
}

/** @throws Fault `not_found` */
export async function requireUser(store: AccessStore, id: number): Promise<UserRights> {
  const rights = await store.rights.ofUser(id)
  if (!rights) throw new Fault('not_found', `There is no user with the id ${id}. access_user_list shows all users.`)
  return rights
}

/** Change what the user is called. @throws Fault `conflict` for a taken name, or when somebody else was faster */
export async function renameUser(
  store: AccessStore,
  row: UserRow,
  {
    name = row.name,
    email = row.email,
    updatedAt,
  }: { name?: string | undefined; email?: string | null | undefined; updatedAt: number },
): Promise<void> {
  requireGenuine(store, row)
  await store.change(row.id, async (transaction) => {
    const next = sealed(store.seals, 'user', { ...row, name, name_key: nameKey(name), email, updated_at: later(store, row) })
    await requireFreeName(transaction, next)
    await replace(transaction, next, updatedAt)
  })
}

/** Set a password, and end every session that was opened with the old one. Tokens stay. */
export async function setPassword(store: AccessStore, row: UserRow, password: string): Promise<void> {
  requireGenuine(store, row)
  requireGoodPassword(store, row.name, password)
  const password_hash = await store.passwords.hash(password)
  await store.change(row.id, async (transaction) => {
    await replace(
      transaction,
      sealed(store.seals, 'user', { ...row, password_hash, updated_at: later(store, row) }),
      row.updated_at,
    )
    await closeSessionsOf(store, transaction, row.id)
  })
}

/** Disable a user, which ends all sessions and stops all tokens at once; or enable it again, which brings the tokens back. */
export async function setDisabled(store: AccessStore, row: UserRow, disabled: boolean): Promise<void> {
  requireGenuine(store, row)
  if ((row.disabled_at !== null) === disabled) return
  const disabled_at = disabled ? store.house.nowMs() : null
  const next = sealed(store.seals, 'user', { ...row, disabled_at, updated_at: later(store, row) })
  await store.change(row.id, (transaction) =>
    keepAnAdmin(store, transaction, async () => {
      await replace(transaction, next, row.updated_at)
      if (disabled) await closeSessionsOf(store, transaction, row.id)
    }),
  )
}

/** @throws Fault `conflict` for a row that somebody else wrote: a fresh seal would make it genuine */
function requireGenuine(store: AccessStore, row: UserRow): void {
  if (isGenuine(store.seals, 'user', row)) return
  throw new Fault(
    'conflict',
    `User ${row.name} was changed behind the gateway's back and counts for nothing. Restore the store from a backup, or make a new user.`,
  )
}

async function replace(transaction: AccessTransaction, { id, ...row }: UserRow, updatedAt: number): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable('user')
    .set(row)
    .where('id', '=', id)
    .where('updated_at', '=', updatedAt)
    .executeTakeFirst()
  requireUpdated(numUpdatedRows, `User ${row.name}`)
}

async function requireFreeName(
  transaction: AccessTransaction,
  { id, name, name_key }: Pick<UserRow, 'id' | 'name' | 'name_key'>,
): Promise<void> {
  const taken = await transaction
    .selectFrom('user')
    .select('id')
    .where('name_key', '=', name_key)
    .where('id', '!=', id)
    .executeTakeFirst()
  if (taken) throw new Fault('conflict', `There is a user called ${name} already. Choose another name.`)
}

/** Two changes in one millisecond must not carry the same lock. */
const later = (store: AccessStore, { updated_at }: { readonly updated_at: number }): number =>
  Math.max(store.house.nowMs(), updated_at + 1)
