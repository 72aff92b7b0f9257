import { Fault } from '../../contract/fault.ts'
import type { AccessStore, AccessTransaction } from './access.store.ts'
import { grantState, rolesFrom, userState } from './rights.ts'
import { ROLE_PREFIX } from './roles.ts'

/**
 * Do something that may take rights away, but not the last administrator's.
 *
 * @throws Fault `conflict`, with nothing changed, when nobody would be left who may do everything
 */
export async function keepAnAdmin(
  store: AccessStore,
  transaction: AccessTransaction,
  work: () => Promise<unknown>,
): Promise<void> {
  const before = await hasAdmin(store, transaction)
  await work()
  if (before && !(await hasAdmin(store, transaction))) {
    throw new Fault('conflict', 'Nobody would be left who may do everything. Make somebody else an administrator first.')
  }
}

async function hasAdmin({ seals, house }: AccessStore, transaction: AccessTransaction): Promise<boolean> {
  const roles = rolesFrom(seals, await transaction.selectFrom('role').selectAll().execute())
  const allRoles = [...roles].filter(([, keys]) => keys.includes('*')).map(([name]) => ROLE_PREFIX + name)
  const grants = await transaction
    .selectFrom('grant')
    .selectAll()
    .where('key', 'in', ['*', ...allRoles])
    .where('removed_at', 'is', null)
    .where('expires_at', 'is', null)
    .execute()
  const userIds = grants.filter((row) => grantState(seals, row, house.nowMs()) === 'live').map(({ user_id }) => user_id)
  if (userIds.length === 0) return false
  const users = await transaction.selectFrom('user').selectAll().where('id', 'in', userIds).execute()
  return users.some((user) => userState(seals, user) === 'live')
}
