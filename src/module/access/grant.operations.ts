import { z } from 'zod'
import type { DefineOperation } from '../../contract/operation.ts'
import { belowCursor, NextCursor, Paging, pageOf } from '../../core/paging.ts'
import { Ending, Grant, Id, KeyText } from './access.shapes.ts'
import type { AccessStore } from './access.store.ts'
import { requireHeld } from './attenuation.ts'
import { endsAt } from './ends-at.ts'
import { addGrant, removeGrant, requireGrant } from './grants.ts'
import { requireKnownKeys } from './known-keys.ts'
import { shownGrant } from './shown.ts'
import { requireUser } from './users.ts'

/** Operations on grants. */
export const grantOperations = (op: DefineOperation<AccessStore>) => ({
  grant_list: op({
    summary: 'List the grants of a user, newest first, also those that are over.',
    route: 'GET /users/:userId/grants',
    permit: 'access.read',
    effect: 'read',
    input: z.strictObject({ userId: Id, ...Paging }),
    output: z.object({ grants: z.array(Grant), nextCursor: NextCursor }),
    example: { input: { userId: 1 }, outcome: 'not_found' },
    async run({ userId, limit, cursor }, { store }) {
      await requireUser(store, userId)
      const found = await store.db
        .selectFrom('grant')
        .selectAll()
        .where('user_id', '=', userId)
        .where('id', '<', belowCursor(cursor))
        .orderBy('id', 'desc')
        .limit(limit + 1)
        .execute()
      const { rows, nextCursor } = pageOf(found, limit)
      return { grants: rows.map((row) => shownGrant(store, row)), nextCursor }
    },
  }),

  grant_add: op({
    summary: 'Grant a permission key, a glob or a role to a user.',
    description:
      'Keys: an operation key (upstream.write) or a glob over them (*.read), tool:<glob> for tools of upstreams, prompt:<glob> and resource:<glob> for their prompts and resources, role:<name>, or * for everything. ' +
      'A leading ! takes away what it matches, whatever else is granted. You can grant only what you hold, and no longer than you hold it.',
    route: 'POST /users/:userId/grants',
    permit: 'access.write',
    effect: 'write',
    input: z.strictObject({ userId: Id, key: KeyText, ...Ending }),
    output: z.object({ grant: Grant }),
    example: { input: { userId: 1, key: 'tool:files__*', validHours: 24 }, outcome: 'not_found' },
    async run({ userId, key, ...ending }, { store, caller, nowMs }) {
      await requireUser(store, userId)
      await requireKnownKeys(store, [key], '/key')
      const expiresAt = endsAt(ending, nowMs)
      await requireHeld(store, caller, [key], expiresAt ?? Number.POSITIVE_INFINITY)
      return { grant: shownGrant(store, await addGrant(store, { userId, key, expiresAt, by: caller.id })) }
    },
  }),

  grant_remove: op({
    summary: 'Take a grant away from a user, at once.',
    route: 'DELETE /grants/:id',
    permit: 'access.write',
    effect: 'erase',
    idempotent: true,
    input: z.strictObject({ id: Id }),
    output: z.object({ grant: Grant }),
    example: { input: { id: 1 }, outcome: 'not_found' },
    async run({ id }, { store, caller, nowMs }) {
      const row = await requireGrant(store, id)
      await requireHeld(store, caller, [row.key], nowMs)
      return { grant: shownGrant(store, await removeGrant(store, row, caller.id)) }
    },
  }),
})
