import type { GrantRow, RoleRow, TokenRow, UserRow } from './access.schema.ts'
import { compileKeys, type HeldKey, intersect, type KeySet } from './key-set.ts'
import { BUILT_IN_ROLES, roleOf } from './roles.ts'
import type { Seals } from './seal.ts'
import { isGenuine } from './sealed-rows.ts'

/** What a row is good for: only `live` counts. `forged`: its seal does not fit, so somebody else wrote it. */
export type UserState = 'live' | 'disabled' | 'forged'
export type GrantState = 'live' | 'expired' | 'removed' | 'forged'
export type TokenState = 'live' | 'expired' | 'revoked' | 'forged'

/** The keys of every role that counts, by name. */
export type Roles = ReadonlyMap<string, readonly string[]>

/** What one user holds at a moment. */
export interface UserRights {
  readonly user: UserRow
  readonly state: UserState
  /** Empty unless the user is live. */
  readonly keys: KeySet
}

/** What one token opens at a moment. */
export interface TokenRights {
  /** From the token itself up to the one that was not minted by another. */
  readonly chain: readonly JudgedToken[]
  readonly owner: UserRights
  /** Why it opens nothing; `undefined` when it is good. */
  readonly refusal: Exclude<TokenState, 'live'> | Exclude<UserState, 'live'> | undefined
  readonly keys: Pick<KeySet, 'allows' | 'takesAway' | 'heldUntil' | 'expiresAt'>
}

/** A token with what its own scope says, whatever its owner may. */
export interface JudgedToken {
  readonly row: TokenRow
  readonly state: TokenState
  readonly scope: KeySet
}

/** Judge a user row. */
export function userState(seals: Seals, row: UserRow): UserState {
  if (!isGenuine(seals, 'user', row)) return 'forged'
  return row.disabled_at === null ? 'live' : 'disabled'
}

/** Judge a grant row. */
export function grantState(seals: Seals, row: GrantRow, nowMs: number): GrantState {
  if (!isGenuine(seals, 'grant', row)) return 'forged'
  if (row.removed_at !== null) return 'removed'
  return hasExpired(row, nowMs) ? 'expired' : 'live'
}

/** Judge a token row, without its ancestors and its owner. */
export function tokenState(seals: Seals, row: TokenRow, nowMs: number): TokenState {
  if (!isGenuine(seals, 'token', row)) return 'forged'
  if (row.revoked_at !== null) return 'revoked'
  return hasExpired(row, nowMs) ? 'expired' : 'live'
}

/** Built-in roles and those custom ones that count. */
export function rolesFrom(seals: Seals, rows: readonly RoleRow[]): Roles {
  const roles = new Map(Object.entries(BUILT_IN_ROLES).map(([name, { keys }]) => [name, keys]))
  for (const row of rows) {
    if (row.removed_at === null && !roles.has(row.name) && isGenuine(seals, 'role', row))
      roles.set(row.name, JSON.parse(row.keys))
  }
  return roles
}

/** What a user holds: the keys of all live grants, roles unfolded. */
export function userRights(seals: Seals, user: UserRow, grants: readonly GrantRow[], roles: Roles, nowMs: number): UserRights {
  const state = userState(seals, user)
  const live = state === 'live' ? grants.filter((row) => row.user_id === user.id && grantState(seals, row, nowMs) === 'live') : []
  return { user, state, keys: compileKeys(live.flatMap((row) => keysOf(row, roles))) }
}

/** The keys that one grant brings; none for a role that is gone. */
export function keysOf(row: Pick<GrantRow, 'id' | 'key' | 'expires_at'>, roles: Roles): HeldKey[] {
  const expiresAt = row.expires_at ?? Number.POSITIVE_INFINITY
  const role = roleOf(row.key)
  if (role === undefined) return [{ key: row.key, expiresAt, grantId: row.id }]
  return (roles.get(role) ?? []).map((key) => ({ key, expiresAt, grantId: row.id, role }))
}

/**
 * What a token opens: its scope ∩ the scopes of its ancestors ∩ what its owner holds now.
 *
 * @param rows from the token itself upwards
 */
export function tokenRights(seals: Seals, rows: readonly TokenRow[], owner: UserRights, nowMs: number): TokenRights {
  const chain = rows.map((row): JudgedToken => ({ row, state: tokenState(seals, row, nowMs), scope: scopeOf(row) }))
  const broken = chain.map(({ state }) => state).find((state) => state !== 'live')
  const refusal = broken ?? (owner.state === 'live' ? undefined : owner.state)
  const sets = refusal === undefined ? [owner.keys, ...chain.map(({ scope }) => scope)] : [compileKeys([])]
  return { chain, owner, refusal, keys: intersect(sets) }
}

function scopeOf(row: TokenRow): KeySet {
  const expiresAt = row.expires_at ?? Number.POSITIVE_INFINITY
  const keys: readonly string[] = row.scope === 'full' ? ['*'] : JSON.parse(row.keys)
  return compileKeys(keys.map((key) => ({ key, expiresAt })))
}

const hasExpired = ({ expires_at }: { readonly expires_at: number | null }, nowMs: number): boolean =>
  expires_at !== null && expires_at <= nowMs
