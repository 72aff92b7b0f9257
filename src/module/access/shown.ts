import type { z } from 'zod'
import type { GrantRow, InvitationRow, RoleRow, SessionRow, TokenRow } from './access.schema.ts'
import type { Grant, Invitation, Role, SessionShape, Token, User } from './access.shapes.ts'
import type { AccessStore } from './access.store.ts'
import { invitationState } from './invitations.ts'
import { grantState, tokenState, type UserRights } from './rights.ts'
import { sessionEnd } from './sessions.ts'

/** A user as operations answer it: never a hash or a seal. */
export function shownUser({ user, state, keys }: UserRights): z.input<typeof User> {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    state,
    hasPassword: user.password_hash !== null,
    keys: [...new Set(keys.held.map(({ key, role }) => (role === undefined ? key : `role:${role}`)))],
    createdAt: user.created_at,
    updatedAt: user.updated_at,
    disabledAt: user.disabled_at,
  }
}

/** A grant as operations answer it. */
export function shownGrant({ seals, house }: AccessStore, row: GrantRow): z.input<typeof Grant> {
  return {
    id: row.id,
    userId: row.user_id,
    key: row.key,
    state: grantState(seals, row, house.nowMs()),
    expiresAt: row.expires_at,
    grantedBy: row.granted_by,
    createdAt: row.created_at,
    removedAt: row.removed_at,
  }
}

/** A custom role as operations answer it. */
export function shownRole(row: RoleRow): z.input<typeof Role> {
  return { name: row.name, description: row.description, keys: JSON.parse(row.keys), builtIn: false, updatedAt: row.updated_at }
}

/** A token as operations answer it. */
export function shownToken({ seals, house }: AccessStore, row: TokenRow, userName: string): z.input<typeof Token> {
  return {
    id: row.id,
    userId: row.user_id,
    userName,
    label: row.label,
    scope: row.scope,
    keys: JSON.parse(row.keys),
    parentId: row.parent_id,
    state: tokenState(seals, row, house.nowMs()),
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    revokedAt: row.revoked_at,
    lastUsedAt: row.last_used_at,
    useCount: row.use_count,
  }
}

/** A session as operations answer it. */
export function shownSession(store: AccessStore, row: SessionRow, userName: string): z.input<typeof SessionShape> {
  const endsAt = row.revoked_at ?? sessionEnd(store, row)
  return {
    id: row.id,
    userId: row.user_id,
    userName,
    address: row.address,
    state: endsAt > store.house.nowMs() ? 'live' : 'ended',
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    endsAt,
  }
}

/** An invitation as operations answer it. */
export function shownInvitation(store: AccessStore, row: InvitationRow): z.input<typeof Invitation> {
  return {
    id: row.id,
    email: row.email,
    keys: JSON.parse(row.keys),
    state: invitationState(store, row),
    expiresAt: row.expires_at,
    createdAt: row.created_at,
    createdBy: row.created_by,
    acceptedAt: row.accepted_at,
  }
}
