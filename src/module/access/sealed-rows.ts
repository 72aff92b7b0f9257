import type { GrantRow, InvitationRow, RoleRow, SessionRow, TokenRow, UserRow } from './access.schema.ts'
import type { SealedFields, SealKind, Seals } from './seal.ts'

interface SealedRows {
  readonly user: Pick<UserRow, 'id' | 'name_key' | 'password_hash' | 'external_id' | 'disabled_at'>
  readonly grant: Pick<GrantRow, 'id' | 'user_id' | 'key' | 'expires_at' | 'removed_at'>
  readonly role: Pick<RoleRow, 'id' | 'name' | 'keys' | 'removed_at'>
  readonly token: Pick<TokenRow, 'id' | 'user_id' | 'parent_id' | 'hash' | 'scope' | 'keys' | 'expires_at' | 'revoked_at'>
  readonly session: Pick<SessionRow, 'id' | 'user_id' | 'hash' | 'created_at' | 'expires_at' | 'revoked_at'>
  readonly invitation: Pick<InvitationRow, 'id' | 'hash' | 'keys' | 'expires_at' | 'revoked_at' | 'accepted_at'>
}

/**
 * What each kind of row is sealed over: everything that decides what it is good for, its end included, so that neither a widened
 * key nor a revocation taken back goes unseen.
 */
const SEALED: { readonly [Kind in SealKind]: (row: SealedRows[Kind]) => SealedFields } = {
  user: (row) => [row.id, row.name_key, row.password_hash, row.external_id, row.disabled_at],
  grant: (row) => [row.id, row.user_id, row.key, row.expires_at, row.removed_at],
  role: (row) => [row.id, row.name, row.keys, row.removed_at],
  token: (row) => [row.id, row.user_id, row.parent_id, row.hash, row.scope, row.keys, row.expires_at, row.revoked_at],
  session: (row) => [row.id, row.user_id, row.hash, row.created_at, row.expires_at, row.revoked_at],
  invitation: (row) => [row.id, row.hash, row.keys, row.expires_at, row.revoked_at, row.accepted_at],
}

/** A row with its seal, fresh. */
export function sealed<Kind extends SealKind, Row extends SealedRows[Kind]>(
  seals: Seals,
  kind: Kind,
  row: Row,
): Row & { mac: string } {
  return { ...row, mac: seals.seal(kind, SEALED[kind](row)) }
}

/** Whether a row is as the gateway wrote it. */
export function isGenuine<Kind extends SealKind>(
  seals: Seals,
  kind: Kind,
  row: SealedRows[Kind] & { readonly mac: string },
): boolean {
  return seals.holds(kind, SEALED[kind](row), row.mac)
}
