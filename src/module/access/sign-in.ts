import type { SignedIn } from '../../contract/authenticator.ts'
import { Fault } from '../../contract/fault.ts'
import type { UserRow } from './access.schema.ts'
import type { AccessStore } from './access.store.ts'
import { addressGroup } from './address-group.ts'
import { type Attempt, beginAttempt, clearAttempts } from './lockout.ts'
import type { UserRights } from './rights.ts'
import { openSession } from './sessions.ts'
import { nameKey } from './user-name.ts'

/**
 * Sign in with name and password.
 *
 * Costs the same work, and answers the same, whether the name exists or not.
 *
 * @throws Fault `unauthorized` for a wrong name or password, `rate_limited` while locked, `busy` when too many sign in at once
 */
export async function signIn(store: AccessStore, name: string, password: string, address: string): Promise<SignedIn> {
  const attempt = attemptOf(store, name, addressGroup(address))
  await beginAttempt(store, attempt)
  const rights = await findByName(store, name)
  const usable = rights?.state === 'live' ? (rights.user.password_hash ?? undefined) : undefined
  const fits = await store.passwords.verify(usable, password)
  if (!rights || !fits) {
    store.house.log.info({ userId: rights?.user.id, state: rights?.state, address }, 'access.sign_in_refused')
    throw new Fault('unauthorized', 'Name or password is wrong.')
  }
  await clearAttempts(store, attempt)
  return openSession(store, rights.user.id, address)
}

/**
 * Check the password that a signed-in user types again. Failures count as failed sign-ins do.
 *
 * @throws Fault `forbidden` when it is wrong, `rate_limited` while locked
 */
export async function checkPassword(store: AccessStore, user: UserRow, password: string): Promise<void> {
  const attempt = attemptOf(store, user.name, 'signed-in')
  await beginAttempt(store, attempt)
  if (!(await store.passwords.verify(user.password_hash ?? undefined, password))) {
    throw new Fault('forbidden', 'The current password is wrong.')
  }
  await clearAttempts(store, attempt)
}

function attemptOf(store: AccessStore, name: string, address: string): Attempt {
  return { account: store.seals.digest('login-account', nameKey(name)), address }
}

async function findByName(store: AccessStore, name: string): Promise<UserRights | undefined> {
  const row = await store.db.selectFrom('user').select('id').where('name_key', '=', nameKey(name)).executeTakeFirst()
  return row && store.rights.ofUser(row.id)
}
