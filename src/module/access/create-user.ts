import { parseInput } from '../../core/parse-input.ts'
import type { AccessStore } from './access.store.ts'
import { requireKnownKeys } from './known-keys.ts'
import { randomText } from './token-format.ts'
import { UserName } from './user-name.ts'
import { addUser } from './users.ts'

/** What the command line makes a user of. */
interface CreateUser {
  readonly name: string
  readonly email?: string
  /** Made up when left out. */
  readonly password?: string
  /** Keys, globs and `role:<name>`. */
  readonly keys: readonly string[]
}

/**
 * Make a user from the command line, with the rights of whoever can read the keys of the installation: all.
 *
 * Works on an opened store; a running gateway notices within a second.
 *
 * @throws Fault `conflict` for a name that is taken, `invalid` for a name, key or password that will not do
 */
export async function createUser(
  store: AccessStore,
  { name, email, password = randomText(20), keys }: CreateUser,
): Promise<{ readonly id: number; readonly name: string; readonly password: string }> {
  parseInput(UserName, name)
  await requireKnownKeys(store, keys)
  const { id } = await addUser(store, { name, email, password, keys, by: 'cli' })
  return { id, name, password }
}
