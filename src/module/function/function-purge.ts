import { nextTurn } from '../../core/next-turn.ts'
import type { FunctionStore } from './function.store.ts'

const DAY_MS = 86_400_000
/** Rows per transaction: about 2 ms. */
const SLICE_ROWS = 500

/** Remove runs that ended before their retention, a slice per turn, and write down that it was done. @returns how many */
export async function purgeInvocations({ db, house }: FunctionStore, nowMs: number, signal: AbortSignal): Promise<number> {
  const before = nowMs - house.settings.retentionDays * DAY_MS
  const id = house.nextId()
  let total = 0
  while (!signal.aborted) {
    const removed = await db.transaction().execute(async (transaction) => {
      const old = transaction.selectFrom('invocation').select('id').where('ended_at', '<', before).limit(SLICE_ROWS)
      const { numDeletedRows } = await transaction.deleteFrom('invocation').where('id', 'in', old).executeTakeFirst()
      const count = Number(numDeletedRows)
      if (count > 0) {
        const invocations = total + count
        await transaction
          .insertInto('purge')
          .values({ id, before, invocations })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ invocations }))
          .execute()
      }
      return count
    })
    total += removed
    if (removed < SLICE_ROWS) break
    await nextTurn()
  }
  if (total > 0) house.log.info({ invocations: total }, 'function.purged')
  return total
}
