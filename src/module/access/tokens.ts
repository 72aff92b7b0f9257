import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { TokenRow } from './access.schema.ts'
import type { AccessStore } from './access.store.ts'
import { MAX_CHAIN } from './rights-cache.ts'
import { sealed } from './sealed-rows.ts'
import { newToken } from './token-format.ts'

/** What a new token is made of. */
export interface NewToken {
  readonly userId: number
  readonly label: string
  readonly scope: 'full' | 'partial'
  readonly keys: readonly string[]
  readonly expiresAt: number | null
  /** The token that mints this one. */
  readonly parentId: number | null
  readonly by: Caller['id']
}

/** Write a token. The secret is returned here and never again: only a keyed hash of it is kept. */
export async function insertToken(
  store: AccessStore,
  token: NewToken,
): Promise<{ readonly row: TokenRow; readonly token: string }> {
  const secret = newToken('st')
  const now = store.house.nowMs()
  const row = await store.write(async (transaction) => {
    const fresh = sealed(store.seals, 'token', {
      id: store.house.nextId(),
      user_id: token.userId,
      parent_id: token.parentId,
      label: token.label,
      hash: store.seals.digest('token', secret),
      scope: token.scope,
      keys: JSON.stringify(token.scope === 'full' ? [] : token.keys),
      expires_at: token.expiresAt,
      created_at: now,
      created_by: token.by,
      updated_at: now,
      revoked_at: null,
      revoked_by: null,
      last_used_at: null,
      use_count: 0,
    })
    await transaction.insertInto('token').values(fresh).execute()
    return fresh
  })
  return { row, token: secret }
}

/**
 * When a token minted by another ends: with its parent at the latest.
 *
 * @throws Fault `forbidden` for a later end than the parent's, or a chain that is too long
 */
export async function boundByParent(store: AccessStore, parentId: number, expiresAt: number | null): Promise<number | null> {
  const { chain } = await store.rights.ofToken(await requireToken(store, parentId))
  if (chain.length >= MAX_CHAIN) {
    throw new Fault(
      'forbidden',
      `This token stands ${MAX_CHAIN} steps from the one that a person made; no further one can be minted from it.`,
    )
  }
  const end = chain[0]!.row.expires_at
  if (end !== null && expiresAt !== null && expiresAt > end) {
    throw new Fault('forbidden', `The token that mints this one ends at ${new Date(end).toISOString()}; choose no later end.`)
  }
  return expiresAt ?? end
}

/** @throws Fault `not_found` */
export async function requireToken(store: AccessStore, id: number): Promise<TokenRow> {
  const row = await store.db.selectFrom('token').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row) throw new Fault('not_found', `There is no token with the id ${id}. access_token_list shows the tokens of a user.`)
  return row
}

/** Revoke a token and every token that was minted from it, at once. A second time does nothing. */
export async function revokeToken(store: AccessStore, row: TokenRow, by: string): Promise<void> {
  if (row.revoked_at !== null) return
  const rows = [row, ...(await mintedFrom(store, row.id))]
  const others = rows.some(({ user_id }) => user_id !== row.user_id)
  const now = store.house.nowMs()
  await store.change(others ? undefined : row.user_id, async (transaction) => {
    for (const one of rows.filter(({ revoked_at }) => revoked_at === null)) {
      const { mac } = sealed(store.seals, 'token', { ...one, revoked_at: now })
      const end = { mac, revoked_at: now, revoked_by: by, updated_at: now }
      await transaction.updateTable('token').set(end).where('id', '=', one.id).execute()
    }
  })
}

/** All tokens below one. One that is minted meanwhile is missed here, but opens nothing: its chain is broken. */
async function mintedFrom(store: AccessStore, id: number): Promise<TokenRow[]> {
  const children = await store.db.selectFrom('token').selectAll().where('parent_id', '=', id).execute()
  const below = await Promise.all(children.map((child) => mintedFrom(store, child.id)))
  return [...children, ...below.flat()]
}
