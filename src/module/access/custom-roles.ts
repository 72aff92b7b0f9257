import { Fault } from '../../contract/fault.ts'
import type { RoleRow } from './access.schema.ts'
import type { AccessStore } from './access.store.ts'
import { keepAnAdmin } from './keep-an-admin.ts'
import { BUILT_IN_ROLES } from './roles.ts'
import { sealed } from './sealed-rows.ts'

/** What a custom role is made of. */
export interface NewRole {
  readonly name: string
  readonly description: string
  readonly keys: readonly string[]
  /** Id of the caller who makes it. */
  readonly by: string
}

/** Make a custom role, or give an existing one other keys; all who hold it are affected at once. @throws Fault `conflict` for a built-in one */
export async function putRole(store: AccessStore, { name, description, keys, by }: NewRole): Promise<RoleRow> {
  requireCustom(name)
  return store.change(undefined, async (transaction) => {
    const known = await transaction.selectFrom('role').selectAll().where('name', '=', name).executeTakeFirst()
    const now = store.house.nowMs()
    const row = sealed(store.seals, 'role', {
      id: known?.id ?? store.house.nextId(),
      name,
      description,
      keys: JSON.stringify(keys),
      created_at: known?.created_at ?? now,
      updated_at: now,
      updated_by: by,
      removed_at: null,
    })
    await keepAnAdmin(store, transaction, () =>
      known
        ? transaction.updateTable('role').set(row).where('id', '=', row.id).execute()
        : transaction.insertInto('role').values(row).execute(),
    )
    return row
  })
}

/** Take a custom role away; grants of it bring nothing from then on. @throws Fault `conflict` for a built-in one, `not_found` */
export async function removeRole(store: AccessStore, name: string, by: string): Promise<RoleRow> {
  requireCustom(name)
  const known = await findRole(store, name)
  if (!known) throw new Fault('not_found', `There is no role ${name}. access_role_list shows all roles.`)
  const now = store.house.nowMs()
  const row = sealed(store.seals, 'role', { ...known, removed_at: now, updated_at: now, updated_by: by })
  await store.change(undefined, (transaction) =>
    keepAnAdmin(store, transaction, () => transaction.updateTable('role').set(row).where('id', '=', row.id).execute()),
  )
  return row
}

/** A custom role that has not been removed. */
export const findRole = (store: AccessStore, name: string): Promise<RoleRow | undefined> =>
  store.db.selectFrom('role').selectAll().where('name', '=', name).where('removed_at', 'is', null).executeTakeFirst()

function requireCustom(name: string): void {
  if (Object.hasOwn(BUILT_IN_ROLES, name)) {
    throw new Fault('conflict', `${name} is a built-in role, which stays as it is. Make a role of another name.`)
  }
}
