import type { ClientStore } from './client.store.ts'

/**
 * Forget the sessions that were opened with a credential that is revoked, expired or gone.
 *
 * @param userId whose; `undefined` for all
 */
export async function forgetLost({ db, house }: ClientStore, userId: number | undefined): Promise<void> {
  let query = db.selectFrom('session').select(['user_id', 'token_id']).distinct().where('user_id', 'is not', null)
  if (userId !== undefined) query = query.where('user_id', '=', userId)
  for (const { user_id, token_id } of await query.execute()) {
    if (await house.callerFor({ userId: user_id, tokenId: token_id })) continue
    const lost = db.deleteFrom('session').where('user_id', '=', user_id)
    await (token_id === null ? lost.where('token_id', 'is', null) : lost.where('token_id', '=', token_id)).execute()
  }
}
