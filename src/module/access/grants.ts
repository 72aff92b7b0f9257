import { Fault } from '../../contract/fault.ts'
import type { GrantRow } from './access.schema.ts'
import type { AccessStore, AccessTransaction } from './access.store.ts'
import { keepAnAdmin } from './keep-an-admin.ts'
import { grantState } from './rights.ts'
import { sealed } from './sealed-rows.ts'

/** What a new grant is made of. */
export interface NewGrant {
  readonly userId: number
  readonly key: string
  readonly expiresAt: number | null
  /** Id of the caller who grants it. */
  readonly by: string
}

/** Write a grant, as part of a change. */
export async function insertGrant(
  store: AccessStore,
  transaction: AccessTransaction,
  { userId, key, expiresAt, by }: NewGrant,
): Promise<GrantRow> {
  const now = store.house.nowMs()
  const row = sealed(store.seals, 'grant', {
    id: store.house.nextId(),
    user_id: userId,
    key,
    expires_at: expiresAt,
    granted_by: by,
    created_at: now,
    updated_at: now,
    removed_at: null,
    removed_by: null,
  })
  await transaction.insertInto('grant').values(row).execute()
  return row
}

/** Grant a key. @throws Fault `conflict` when the user holds it already, as long or longer */
export function addGrant(store: AccessStore, grant: NewGrant): Promise<GrantRow> {
  return store.change(grant.userId, async (transaction) => {
    const rows = await transaction
      .selectFrom('grant')
      .selectAll()
      .where('user_id', '=', grant.userId)
      .where('key', '=', grant.key)
      .execute()
    const live = rows.filter((row) => grantState(store.seals, row, store.house.nowMs()) === 'live')
    const wanted = grant.expiresAt ?? Number.POSITIVE_INFINITY
    const holder = live.find((row) => (row.expires_at ?? Number.POSITIVE_INFINITY) >= wanted)
    if (holder) throw new Fault('conflict', `The user holds ${grant.key} already, by grant ${holder.id}.`)
    return insertGrant(store, transaction, grant)
  })
}

/** @throws Fault `not_found` */
export async function requireGrant(store: AccessStore, id: number): Promise<GrantRow> {
  const row = await store.db.selectFrom('grant').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new Fault('not_found', `There is no grant with the id ${id}. access_grant_list shows the grants of a user.`)
  return row
}

/** Take a grant away; it stays visible as removed. A second time does nothing. */
export async function removeGrant(store: AccessStore, row: GrantRow, by: string): Promise<GrantRow> {
  if (row.removed_at !== null) return row
  const now = store.house.nowMs()
  const next = sealed(store.seals, 'grant', { ...row, removed_at: now, removed_by: by, updated_at: now })
  const { id, ...rest } = next
  await store.change(row.user_id, (transaction) =>
    keepAnAdmin(store, transaction, () => transaction.updateTable('grant').set(rest).where('id', '=', id).execute()),
  )
  return next
}
