import type { AccessStore } from './access.store.ts'
import { sealed } from './sealed-rows.ts'
import { revoke } from './sessions.ts'

/** How much there was to revoke. */
interface Revoked {
  readonly tokens: number
  readonly sessions: number
  readonly invitations: number
}

/** End every token, session and open invitation, in one transaction. Users keep their passwords and grants. */
export function revokeEverything(store: AccessStore, by: string): Promise<Revoked> {
  const now = store.house.nowMs()
  return store.change(undefined, async (transaction) => {
    const tokens = await transaction.selectFrom('token').selectAll().where('revoked_at', 'is', null).execute()
    for (const row of tokens) {
      const { mac } = sealed(store.seals, 'token', { ...row, revoked_at: now })
      const end = { mac, revoked_at: now, revoked_by: by, updated_at: now }
      await transaction.updateTable('token').set(end).where('id', '=', row.id).execute()
    }
    const sessions = await transaction.selectFrom('session').selectAll().where('revoked_at', 'is', null).execute()
    for (const row of sessions) await revoke(store, transaction, row)
    const invitations = await transaction
      .selectFrom('invitation')
      .selectAll()
      .where('revoked_at', 'is', null)
      .where('accepted_at', 'is', null)
      .execute()
    for (const row of invitations) {
      const { mac } = sealed(store.seals, 'invitation', { ...row, revoked_at: now })
      await transaction
        .updateTable('invitation')
        .set({ mac, revoked_at: now, updated_at: now })
        .where('id', '=', row.id)
        .execute()
    }
    return { tokens: tokens.length, sessions: sessions.length, invitations: invitations.length }
  })
}
