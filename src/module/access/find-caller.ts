import type { Caller, CallerRef } from '../../contract/caller.ts'
import type { AccessStore } from './access.store.ts'
import { sessionCaller } from './sessions.ts'
import { tokenCaller } from './token-caller.ts'

/** Somebody as they stand now, without their credential: for work that is done later in their name. */
export async function findCaller(store: AccessStore, { userId, tokenId }: CallerRef): Promise<Caller | undefined> {
  if (tokenId !== null) return findToken(store, tokenId, userId)
  if (userId === null) return undefined
  const rights = await store.rights.ofUser(userId)
  return rights?.state === 'live' ? sessionCaller(rights) : undefined
}

async function findToken(store: AccessStore, id: number, userId: number | null): Promise<Caller | undefined> {
  const row = await store.db.selectFrom('token').selectAll().where('id', '=', id).executeTakeFirst()
  if (!row || row.user_id !== userId) return undefined
  const rights = await store.rights.ofToken(row)
  return rights.refusal === undefined ? tokenCaller(rights) : undefined
}
