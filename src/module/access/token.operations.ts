import { z } from 'zod'
import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { belowCursor, NextCursor, Paging, pageOf } from '../../core/paging.ts'
import { Ending, Id, KeyText, Token } from './access.shapes.ts'
import type { AccessStore } from './access.store.ts'
import { requireHeld, requireNotAbove } from './attenuation.ts'
import { requireScopeKeys } from './create-token.ts'
import { endsAt } from './ends-at.ts'
import type { UserRights } from './rights.ts'
import { shownToken } from './shown.ts'
import { boundByParent, insertToken, requireToken, revokeToken } from './tokens.ts'
import { requireUser } from './users.ts'
import { ownerAsked, requireOwnOr, requireUserId, Whose } from './whose.ts'

/** Operations on tokens. */
export const tokenOperations = (op: DefineOperation<AccessStore>) => ({
  token_list: op({
    summary: 'List your tokens, or with access.read those of another user or of all, newest first.',
    route: 'GET /tokens',
    permit: 'self.read',
    effect: 'read',
    input: z.strictObject({ ...Whose, ...Paging }),
    output: z.object({ tokens: z.array(Token), nextCursor: NextCursor }),
    example: { input: { whose: 'all' }, outcome: 'ok' },
    async run({ limit, cursor, ...asked }, { store, caller }) {
      const owner = ownerAsked(caller, asked)
      await store.uses.flush()
      let query = store.db
        .selectFrom('token')
        .innerJoin('user', 'user.id', 'token.user_id')
        .selectAll('token')
        .select('user.name as userName')
      if (owner !== undefined) query = query.where('token.user_id', '=', owner)
      const found = await query
        .where('token.id', '<', belowCursor(cursor))
        .orderBy('token.id', 'desc')
        .limit(limit + 1)
        .execute()
      const { rows, nextCursor } = pageOf(found, limit)
      return { tokens: rows.map(({ userName, ...row }) => shownToken(store, row, userName)), nextCursor }
    },
  }),

  token_create: op({
    summary: 'Make a token, for yourself or with access.write for another user. Its secret is shown once.',
    description:
      'scope full opens all that the owner may, now and later; partial only the keys and globs that are named, e.g. tool:files__*. ' +
      'A token never opens more than its owner may. Made with a token, it is bound to that one: never wider, never longer, and revoked with it.',
    route: 'POST /tokens',
    permit: 'self.write',
    effect: 'write',
    input: z.strictObject({
      label: z.string().trim().min(1).max(100).describe('What it is for.'),
      scope: z.enum(['full', 'partial']).default('partial'),
      keys: z.array(KeyText).max(200).default([]).describe('Keys and globs of a partial scope.'),
      userId: Id.optional().describe('The owner; you without it.'),
      ...Ending,
    }),
    output: z.object({ token: z.string().describe('The secret. It cannot be shown again.'), info: Token }),
    example: { input: { label: 'laptop', keys: ['tool:*'], validHours: 24 }, outcome: 'ok' },
    async run({ label, scope, keys, userId, ...ending }, { store, caller, nowMs }) {
      const owner = requireUserId(caller, userId)
      requireOwnOr(caller, owner, 'access.write')
      const rights = await requireUser(store, owner)
      await requireScopeKeys(store, scope, keys)
      const asked = endsAt(ending, nowMs)
      const parentId = caller.tokenId ?? null
      const expiresAt = parentId === null ? asked : await boundByParent(store, parentId, asked)
      if (caller.userId !== owner) requireMayMintFor(caller, rights, scope)
      // What is the owner's own runs out with the owner's rights anyway; only for another must it not outlive the minter's.
      await requireHeld(store, caller, keys, caller.userId === owner ? nowMs : (expiresAt ?? Number.POSITIVE_INFINITY))
      const { row, token } = await insertToken(store, { userId: owner, label, scope, keys, expiresAt, parentId, by: caller.id })
      return { token, info: shownToken(store, row, rights.user.name) }
    },
  }),

  token_revoke: op({
    summary: 'Revoke a token, and every token that was minted from it, at once.',
    route: 'DELETE /tokens/:id',
    permit: 'self.write',
    effect: 'erase',
    idempotent: true,
    input: z.strictObject({ id: Id }),
    output: z.object({ info: Token }),
    example: { input: { id: 1 }, outcome: 'not_found' },
    async run({ id }, { store, caller }) {
      const row = await requireToken(store, id)
      requireOwnOr(caller, row.user_id, 'access.write')
      await revokeToken(store, row, caller.id)
      const { user } = await requireUser(store, row.user_id)
      return { info: shownToken(store, await requireToken(store, id), user.name) }
    },
  }),
})

/** Whoever acts as another must hold all that the other holds; a full token opens whatever that one may ever hold. */
function requireMayMintFor(caller: Caller, owner: UserRights, scope: 'full' | 'partial'): void {
  requireNotAbove(caller, owner)
  if (scope === 'partial' || caller.grants.allows('*')) return
  throw new Fault(
    'forbidden',
    'A full token for another user can only be made by an administrator. Make a partial one, with keys that you hold.',
  )
}
