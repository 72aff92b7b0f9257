import type { Kysely } from 'kysely'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../../contract/caller.ts'
import type { Log } from '../../contract/house.ts'
import type { AccessSchema, TokenRow } from './access.schema.ts'
import { grantState, type Roles, rolesFrom, type TokenRights, tokenRights, type UserRights, userRights } from './rights.ts'
import type { Seals } from './seal.ts'
import { isGenuine } from './sealed-rows.ts'

/** Longest chain of tokens minted by tokens. */
export const MAX_CHAIN = 16

/** A good token, ready to be shown again. */
export interface KnownToken {
  readonly tokenId: number
  readonly userIds: readonly number[]
  readonly caller: Caller
  /** When something in it runs out, ms; then it is judged anew. */
  readonly staleAt: number
}

/**
 * Who may do what, worked out once and kept until a right changes or runs out.
 *
 * The same objects are handed out in between, so that others may key their caches by them.
 */
export interface RightsCache {
  /** `undefined` for a user that does not exist. */
  ofUser(userId: number): Promise<UserRights | undefined>
  /** Judge a token row with its ancestors and owner; not kept. */
  ofToken(row: TokenRow): Promise<TokenRights>
  roles(): Promise<Roles>
  known(fingerprint: string): KnownToken | undefined
  /** Keep a token, unless a right changed since `epoch` was read. */
  keep(fingerprint: string, token: KnownToken, epoch: number): void
  /** Grows with every change. */
  readonly epoch: number
  /** A right of one user changed (`undefined`: of many). */
  forget(userId: number | undefined): void
}

interface Parts {
  readonly db: Kysely<AccessSchema>
  readonly seals: Seals
  readonly nowMs: () => number
  readonly log: Log
}

/** Reads of `access.sqlite` that decide on rights, with their cache. */
export function createRightsCache({ db, seals, nowMs, log }: Parts): RightsCache {
  const users = new LRUCache<number, UserRights>({ max: 10_000 })
  const tokens = new LRUCache<string, KnownToken>({ max: 10_000 })
  let roles: Promise<Roles> | undefined
  let epoch = 0

  const loadRoles = async (): Promise<Roles> => {
    const rows = await db.selectFrom('role').selectAll().execute()
    for (const row of rows) if (!isGenuine(seals, 'role', row)) log.error({ kind: 'role', id: row.id }, 'access.forged_row')
    return rolesFrom(seals, rows)
  }
  const readRoles = (): Promise<Roles> => {
    roles ??= loadRoles().catch((thrown: unknown) => {
      roles = undefined
      throw thrown
    })
    return roles
  }
  const ofUser = async (userId: number): Promise<UserRights | undefined> => {
    const kept = users.get(userId)
    if (kept && kept.keys.expiresAt > nowMs()) return kept
    const before = epoch
    const user = await db.selectFrom('user').selectAll().where('id', '=', userId).executeTakeFirst()
    if (!user) return undefined
    const grants = await db.selectFrom('grant').selectAll().where('user_id', '=', userId).execute()
    const rights = userRights(seals, user, grants, await readRoles(), nowMs())
    // A right that changed while this was being read would be missed: read again.
    if (before !== epoch) return ofUser(userId)
    for (const row of grants)
      if (grantState(seals, row, nowMs()) === 'forged') log.error({ kind: 'grant', id: row.id, userId }, 'access.forged_row')
    if (rights.state === 'forged') log.error({ kind: 'user', id: userId }, 'access.forged_row')
    users.set(userId, rights)
    return rights
  }
  const chainOf = async (row: TokenRow): Promise<TokenRow[]> => {
    const chain = [row]
    for (let parentId = row.parent_id; parentId !== null && chain.length <= MAX_CHAIN; parentId = chain.at(-1)!.parent_id) {
      chain.push(await db.selectFrom('token').selectAll().where('id', '=', parentId).executeTakeFirstOrThrow())
    }
    return chain
  }
  return {
    ofUser,
    async ofToken(row) {
      const chain = await chainOf(row)
      const owner = (await ofUser(row.user_id))!
      const rights = tokenRights(seals, chain, owner, nowMs())
      for (const { row: one, state } of rights.chain)
        if (state === 'forged') log.error({ kind: 'token', id: one.id }, 'access.forged_row')
      return rights
    },
    roles: readRoles,
    known(fingerprint) {
      const kept = tokens.get(fingerprint)
      return kept && kept.staleAt > nowMs() ? kept : undefined
    },
    keep(fingerprint, token, since) {
      if (since === epoch) tokens.set(fingerprint, token)
    },
    get epoch() {
      return epoch
    },
    forget(userId) {
      epoch += 1
      if (userId === undefined) {
        roles = undefined
        users.clear()
        tokens.clear()
        return
      }
      users.delete(userId)
      for (const [fingerprint, { userIds }] of tokens.entries()) if (userIds.includes(userId)) tokens.delete(fingerprint)
    },
  }
}
