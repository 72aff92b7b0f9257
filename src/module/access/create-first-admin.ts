import { Fault } from '../../contract/fault.ts'
import type { AccessStore } from './access.store.ts'
import { randomText } from './token-format.ts'
import { addUser } from './users.ts'

/**
 * Make the first user, who may do everything.
 *
 * Works on an opened store without the gateway running.
 *
 * @param password made up (20 letters and digits, 119 bits) when left out
 * @throws Fault `conflict` when there is a user already, `invalid` for a password that will not do
 */
export async function createFirstAdmin(
  store: AccessStore,
  { name, password = randomText(20) }: { readonly name: string; readonly password?: string },
): Promise<{ readonly name: string; readonly password: string }> {
  await addUser(store, { name, password, keys: ['role:admin'], by: 'init' }, async (transaction) => {
    const anybody = await transaction.selectFrom('user').select('name').executeTakeFirst()
    if (anybody)
      throw new Fault('conflict', `There is a user already (${anybody.name}). Further users are made by an administrator.`)
  })
  return { name, password }
}
