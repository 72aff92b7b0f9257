import type { OutboxTable } from '../../core/outbox.ts'

/** A person or a program that can own tokens and hold grants. */
export interface UserRow {
  readonly id: number
  readonly name: string
  /** The name as it is compared: case and compatible forms folded. */
  readonly name_key: string
  readonly email: string | null
  /** `null` for a user that cannot sign in with a password. */
  readonly password_hash: string | null
  /** Identity at another system. */
  readonly external_id: string | null
  readonly disabled_at: number | null
  readonly created_at: number
  readonly created_by: string
  readonly updated_at: number
  readonly mac: string
}

/** The right of one user to one key. */
export interface GrantRow {
  readonly id: number
  readonly user_id: number
  readonly key: string
  readonly expires_at: number | null
  readonly granted_by: string
  readonly created_at: number
  readonly updated_at: number
  readonly removed_at: number | null
  readonly removed_by: string | null
  readonly mac: string
}

/** A custom role. */
export interface RoleRow {
  readonly id: number
  readonly name: string
  readonly description: string
  /** JSON array of keys. */
  readonly keys: string
  readonly created_at: number
  readonly updated_at: number
  readonly updated_by: string
  readonly removed_at: number | null
  readonly mac: string
}

/** A sub-token. */
export interface TokenRow {
  readonly id: number
  readonly user_id: number
  /** The token that minted it, whose scope bounds it. */
  readonly parent_id: number | null
  readonly label: string
  readonly hash: string
  readonly scope: 'full' | 'partial'
  /** JSON array of keys; empty when the scope is full. */
  readonly keys: string
  readonly expires_at: number | null
  readonly created_at: number
  readonly created_by: string
  readonly updated_at: number
  readonly revoked_at: number | null
  readonly revoked_by: string | null
  readonly last_used_at: number | null
  readonly use_count: number
  readonly mac: string
}

/** A web session. */
export interface SessionRow {
  readonly id: number
  readonly user_id: number
  readonly hash: string
  readonly address: string
  readonly created_at: number
  readonly last_seen_at: number
  readonly expires_at: number
  readonly revoked_at: number | null
  readonly mac: string
}

/** A sign-in that was begun; cleared when it or a later one succeeded. */
interface LoginFailureRow {
  readonly id: number
  /** Keyed hash of the name as typed, because people type passwords into the wrong field. */
  readonly account: string
  readonly address: string
  readonly failed_at: number
  readonly cleared_at: number | null
}

/** The right to make one's own account. */
export interface InvitationRow {
  readonly id: number
  readonly hash: string
  readonly email: string | null
  /** JSON array of the keys that the new user will hold. */
  readonly keys: string
  readonly expires_at: number
  readonly created_at: number
  readonly created_by: string
  readonly updated_at: number
  readonly revoked_at: number | null
  readonly accepted_at: number | null
  readonly user_id: number | null
  readonly mac: string
}

/** The tables of `access.sqlite`. */
export interface AccessSchema extends OutboxTable {
  readonly user: UserRow
  readonly grant: GrantRow
  readonly role: RoleRow
  readonly token: TokenRow
  readonly session: SessionRow
  readonly login_failure: LoginFailureRow
  readonly invitation: InvitationRow
}
