import { Fault } from '../../contract/fault.ts'
import type { InvitationRow } from './access.schema.ts'
import type { AccessStore, AccessTransaction } from './access.store.ts'
import { isGenuine, sealed } from './sealed-rows.ts'
import { isWellFormedToken, newToken } from './token-format.ts'

const DAY_MS = 86_400_000

/** Write an invitation. Its secret is returned here and never again. */
export async function insertInvitation(
  store: AccessStore,
  { email, keys, by }: { readonly email: string | undefined; readonly keys: readonly string[]; readonly by: string },
): Promise<{ readonly row: InvitationRow; readonly token: string }> {
  const token = newToken('si')
  const now = store.house.nowMs()
  const row = await store.write(async (transaction) => {
    const fresh = sealed(store.seals, 'invitation', {
      id: store.house.nextId(),
      hash: store.seals.digest('invitation', token),
      email: email ?? null,
      keys: JSON.stringify(keys),
      expires_at: now + store.house.settings.invitationDays * DAY_MS,
      created_at: now,
      created_by: by,
      updated_at: now,
      revoked_at: null,
      accepted_at: null,
      user_id: null,
    })
    await transaction.insertInto('invitation').values(fresh).execute()
    return fresh
  })
  return { row, token }
}

/** @throws Fault `forbidden`, whatever the reason, with one sentence for all */
export async function requireInvitation(store: AccessStore, token: string): Promise<InvitationRow> {
  const row = isWellFormedToken(token, 'si') ? await rowOf(store, token) : undefined
  const state = row && invitationState(store, row)
  if (row && state === 'open') return row
  store.house.log.info({ reason: state ?? 'unknown', invitationId: row?.id }, 'access.invitation_refused')
  throw refused()
}

/** What an invitation is good for; only `open` lets anybody in. */
export type InvitationState = 'open' | 'accepted' | 'revoked' | 'expired' | 'forged'

/** Judge an invitation. */
export function invitationState({ seals, house }: AccessStore, row: InvitationRow): InvitationState {
  if (!isGenuine(seals, 'invitation', row)) return 'forged'
  if (row.accepted_at !== null) return 'accepted'
  if (row.revoked_at !== null) return 'revoked'
  return row.expires_at <= house.nowMs() ? 'expired' : 'open'
}

/** Use an invitation up, as part of the change that makes its user. @throws Fault `forbidden` when it was used or revoked meanwhile */
export async function acceptInvitation(store: AccessStore, transaction: AccessTransaction, row: InvitationRow): Promise<void> {
  const now = store.house.nowMs()
  const { mac } = sealed(store.seals, 'invitation', { ...row, accepted_at: now })
  const { numUpdatedRows } = await transaction
    .updateTable('invitation')
    .set({ accepted_at: now, updated_at: now, mac })
    .where('id', '=', row.id)
    .where('accepted_at', 'is', null)
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) throw refused()
}

/** Take an invitation back. @throws Fault `not_found`, `conflict` when it was accepted already */
export async function revokeInvitation(store: AccessStore, id: number): Promise<InvitationRow> {
  const row = await store.db.selectFrom('invitation').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row)
    throw new Fault('not_found', `There is no invitation with the id ${id}. access_invitation_list shows all invitations.`)
  if (row.accepted_at !== null) throw new Fault('conflict', `Invitation ${id} was accepted already. Disable the user instead.`)
  const now = store.house.nowMs()
  const next = sealed(store.seals, 'invitation', { ...row, revoked_at: row.revoked_at ?? now, updated_at: now })
  const { id: _, ...rest } = next
  await store.write((transaction) => transaction.updateTable('invitation').set(rest).where('id', '=', id).execute())
  return next
}

const refused = (): Fault =>
  new Fault(
    'forbidden',
    'The invitation is not valid: it was used, taken back, has expired, or was not copied whole. Ask for a new one.',
  )

const rowOf = (store: AccessStore, token: string): Promise<InvitationRow | undefined> =>
  store.db.selectFrom('invitation').selectAll().where('hash', '=', store.seals.digest('invitation', token)).executeTakeFirst()
