import { Fault } from '../../contract/fault.ts'
import type { AccessStore } from './access.store.ts'
import { requireKnownKeys, requireNoRoles } from './known-keys.ts'
import { insertToken } from './tokens.ts'
import { nameKey } from './user-name.ts'

/** What the command line makes a token of. */
interface CreateToken {
  readonly userName: string
  readonly label: string
  readonly scope: 'full' | 'partial'
  /** Keys and globs of a partial scope; empty for a full one. */
  readonly keys: readonly string[]
  /** ms since the epoch; `null` for never. */
  readonly expiresAt: number | null
}

/**
 * Make a token for a user from the command line. The secret is shown here and never again.
 *
 * Works on an opened store; good at once, also at a running gateway.
 *
 * @throws Fault `not_found` for an unknown user, `invalid` for keys that do not fit the scope
 */
export async function createToken(
  store: AccessStore,
  { userName, label, scope, keys, expiresAt }: CreateToken,
): Promise<{ readonly id: number; readonly token: string; readonly userId: number }> {
  const user = await store.db.selectFrom('user').select('id').where('name_key', '=', nameKey(userName)).executeTakeFirst()
  if (!user) throw new Fault('not_found', `There is no user called ${userName}.`)
  await requireScopeKeys(store, scope, keys)
  const { row, token } = await insertToken(store, { userId: user.id, label, scope, keys, expiresAt, parentId: null, by: 'cli' })
  return { id: row.id, token, userId: user.id }
}

/** @throws Fault `invalid` when the keys of a token's scope are unknown, missing or too many */
export async function requireScopeKeys(store: AccessStore, scope: 'full' | 'partial', keys: readonly string[]): Promise<void> {
  if (scope === 'full' && keys.length > 0) {
    throw new Fault(
      'invalid',
      'A full token takes no keys: it opens all that its owner may. Choose the scope partial to name keys.',
      {
        details: [{ path: '/keys', message: 'Expected none for the scope full' }],
      },
    )
  }
  if (scope === 'partial' && keys.length === 0) {
    throw new Fault('invalid', 'A partial token needs at least one key, e.g. tool:files__*.', {
      details: [{ path: '/keys', message: 'Expected at least one for the scope partial' }],
    })
  }
  requireNoRoles(keys)
  await requireKnownKeys(store, keys)
}
