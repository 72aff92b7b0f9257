import { Fault } from '../../contract/fault.ts'
import type { AccessStore, AccessTransaction } from './access.store.ts'

/** Who tries, and from where, both as they are counted. */
export interface Attempt {
  readonly account: string
  readonly address: string
}

/**
 * Take down an attempt before the password is looked at, so that many at once cannot all slip in under the limit.
 *
 * The answer depends on what was typed and on nothing that exists.
 *
 * @throws Fault `rate_limited` with `retryAfterMs` while the name is locked for this address, or the address altogether
 */
export async function beginAttempt(store: AccessStore, attempt: Attempt): Promise<void> {
  const nowMs = store.house.nowMs()
  const { failures, failuresPerAddress, minutes } = store.house.settings.lockout
  const windowMs = minutes * 60_000
  const since = nowMs - windowMs
  const lockedUntil = await store.write(async (transaction) => {
    const until = Math.max(
      await lockEnd(transaction, { ...attempt, since, limit: failures }),
      await lockEnd(transaction, { address: attempt.address, since, limit: failuresPerAddress }),
    )
    if (until > 0) return until + windowMs
    const row = { id: store.house.nextId(), ...attempt, failed_at: nowMs, cleared_at: null }
    await transaction.insertInto('login_failure').values(row).execute()
    return 0
  })
  if (lockedUntil > nowMs) throw locked(lockedUntil - nowMs)
}

/** Forget the failures of a name at an address, after it succeeded. */
export async function clearAttempts(store: AccessStore, { account, address }: Attempt): Promise<void> {
  await store.write((transaction) =>
    transaction
      .updateTable('login_failure')
      .set({ cleared_at: store.house.nowMs() })
      .where('address', '=', address)
      .where('account', '=', account)
      .where('cleared_at', 'is', null)
      .execute(),
  )
}

/** When the last of too many failures happened; 0 when there were not too many. */
async function lockEnd(
  transaction: AccessTransaction,
  { account, address, since, limit }: { account?: string; address: string; since: number; limit: number },
): Promise<number> {
  let query = transaction
    .selectFrom('login_failure')
    .select('failed_at')
    .where('address', '=', address)
    .where('failed_at', '>', since)
    .where('cleared_at', 'is', null)
  if (account !== undefined) query = query.where('account', '=', account)
  const latest = await query.orderBy('failed_at', 'desc').limit(limit).execute()
  return latest.length < limit ? 0 : latest[0]!.failed_at
}

function locked(retryAfterMs: number): Fault {
  const minutes = Math.ceil(retryAfterMs / 60_000)
  return new Fault('rate_limited', `Too many failed sign-ins. Try again in ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}.`, {
    retryAfterMs,
  })
}
