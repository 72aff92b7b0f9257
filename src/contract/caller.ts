/** Names one right: `noun.right` for what the gateway does itself, `tool:<name>`, `prompt:<name>` or `resource:<name>` for what sources offer. */
export type PermitKey = string

/** How a caller proved who they are (O1). */
export type AuthPath = 'none' | 'session' | 'token' | 'lane' | 'system'

/**
 * What a caller may do right now: token scope ∩ owner's live grants, already worked out.
 *
 * The same object is handed out until a right changes, so caches may be keyed by it (WeakMap).
 */
export interface Grants {
  /** Whether a permission key is held. Globs (`tool:github__*`, `*`) have been taken into account. */
  allows(key: PermitKey): boolean
  /** Whether a key is taken away by name, so that nothing else gives it. Absent where that cannot be. */
  takesAway?(key: PermitKey): boolean
  /** When the earliest grant in here runs out, ms since the epoch; `Infinity` for never. */
  readonly expiresAt: number
}

/** Who asks. */
export interface Caller {
  /** Stable over all sessions and tokens of one principal, e.g. `user:1718000000000`. Sessions are bound to it. */
  readonly id: string
  /** For people to read: the user's name, and the token's label where one was used. */
  readonly name: string
  readonly authPath: AuthPath
  /** The user behind it; `undefined` for the system. */
  readonly userId: number | undefined
  /** The sub-token that was shown, if one was. */
  readonly tokenId: number | undefined
  readonly grants: Grants
}

/** Enough of a caller to find them again later. */
export interface CallerRef {
  readonly userId: number | null
  /** null where no sub-token was shown: then all of the user's rights count. */
  readonly tokenId: number | null
}

/** Whose place a caller's jobs take, and whose turn they wait for: the token's, else the user's. */
export const placeOf = ({ tokenId, userId, id }: Caller): string =>
  tokenId === undefined ? (userId === undefined ? id : `user:${userId}`) : `token:${tokenId}`
