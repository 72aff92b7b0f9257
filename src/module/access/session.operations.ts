import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation } from '../../contract/operation.ts'
import { belowCursor, NextCursor, Paging, pageOf } from '../../core/paging.ts'
import { Id, SessionShape } from './access.shapes.ts'
import type { AccessStore } from './access.store.ts'
import { revoke } from './sessions.ts'
import { shownSession } from './shown.ts'
import { ownerAsked, requireOwnOr, Whose } from './whose.ts'

/** Operations on web sessions. */
export const sessionOperations = (op: DefineOperation<AccessStore>) => ({
  session_list: op({
    summary: 'List your web sessions, or with access.read those of another user or of all, newest first.',
    route: 'GET /sessions',
    permit: 'self.read',
    effect: 'read',
    input: z.strictObject({ ...Whose, ...Paging }),
    output: z.object({ sessions: z.array(SessionShape), nextCursor: NextCursor }),
    example: { input: { whose: 'all' }, outcome: 'ok' },
    async run({ limit, cursor, ...asked }, { store, caller }) {
      const owner = ownerAsked(caller, asked)
      let query = store.db
        .selectFrom('session')
        .innerJoin('user', 'user.id', 'session.user_id')
        .selectAll('session')
        .select('user.name as userName')
      if (owner !== undefined) query = query.where('session.user_id', '=', owner)
      const found = await query
        .where('session.id', '<', belowCursor(cursor))
        .orderBy('session.id', 'desc')
        .limit(limit + 1)
        .execute()
      const { rows, nextCursor } = pageOf(found, limit)
      return { sessions: rows.map(({ userName, ...row }) => shownSession(store, row, userName)), nextCursor }
    },
  }),

  session_revoke: op({
    summary: 'End a web session, at once.',
    route: 'DELETE /sessions/:id',
    permit: 'self.write',
    effect: 'erase',
    idempotent: true,
    input: z.strictObject({ id: Id }),
    output: z.object({ id: Id }),
    example: { input: { id: 1 }, outcome: 'not_found' },
    async run({ id }, { store, caller }) {
      const row = await store.db.selectFrom('session').selectAll().where('id', '=', id).executeTakeFirst()
      if (!row)
        throw new Fault('not_found', `There is no session with the id ${id}. access_session_list shows the sessions of a user.`)
      requireOwnOr(caller, row.user_id, 'access.write')
      if (row.revoked_at === null) await store.change(row.user_id, (transaction) => revoke(store, transaction, row))
      return { id }
    },
  }),
})
