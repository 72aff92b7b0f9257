import { z } from 'zod'
import type { DefineOperation } from '../../contract/operation.ts'
import { belowCursor, NextCursor, Paging, pageOf } from '../../core/paging.ts'
import { Id, Invitation, KeyText } from './access.shapes.ts'
import type { AccessStore } from './access.store.ts'
import { requireHeld } from './attenuation.ts'
import { insertInvitation, revokeInvitation } from './invitations.ts'
import { requireKnownKeys } from './known-keys.ts'
import { shownInvitation } from './shown.ts'

/** Operations on invitations. They are accepted in the console, by people who have no account yet. */
export const invitationOperations = (op: DefineOperation<AccessStore>) => ({
  invitation_list: op({
    summary: 'List the invitations, newest first.',
    route: 'GET /invitations',
    permit: 'access.read',
    effect: 'read',
    input: z.strictObject({ ...Paging }),
    output: z.object({ invitations: z.array(Invitation), nextCursor: NextCursor }),
    example: { input: {}, outcome: 'ok' },
    async run({ limit, cursor }, { store }) {
      const query = store.db.selectFrom('invitation').selectAll().where('id', '<', belowCursor(cursor))
      const { rows, nextCursor } = pageOf(
        await query
          .orderBy('id', 'desc')
          .limit(limit + 1)
          .execute(),
        limit,
      )
      return { invitations: rows.map((row) => shownInvitation(store, row)), nextCursor }
    },
  }),

  invitation_create: op({
    summary: 'Invite somebody: with the secret, which is shown once, they make their own account.',
    route: 'POST /invitations',
    permit: 'access.write',
    effect: 'write',
    input: z.strictObject({
      email: z.email().max(254).optional(),
      keys: z.array(KeyText).min(1).max(200).describe('What the new user will hold: keys, globs and role:<name>.'),
    }),
    output: z.object({ token: z.string().describe('The secret. It cannot be shown again.'), invitation: Invitation }),
    example: { input: { email: 'grace@example.org', keys: ['role:viewer'] }, outcome: 'ok' },
    async run({ email, keys }, { store, caller }) {
      await requireKnownKeys(store, keys)
      await requireHeld(store, caller, keys, Number.POSITIVE_INFINITY)
      const { row, token } = await insertInvitation(store, { email, keys, by: caller.id })
      return { token, invitation: shownInvitation(store, row) }
    },
  }),

  invitation_revoke: op({
    summary: 'Take an invitation back.',
    route: 'DELETE /invitations/:id',
    permit: 'access.write',
    effect: 'erase',
    idempotent: true,
    input: z.strictObject({ id: Id }),
    output: z.object({ invitation: Invitation }),
    example: { input: { id: 1 }, outcome: 'not_found' },
    run: async ({ id }, { store }) => ({ invitation: shownInvitation(store, await revokeInvitation(store, id)) }),
  }),
})
