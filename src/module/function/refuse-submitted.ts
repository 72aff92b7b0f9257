import type { Fault } from '../../contract/fault.ts'
import type { FunctionStore } from './function.store.ts'

/** Write down that the lane did not take a submitted run. */
export async function refuseSubmitted({ db, house }: FunctionStore, id: number, { code, message }: Fault): Promise<void> {
  const now = house.nowMs()
  await db
    .updateTable('invocation')
    .set({ outcome: 'failed', reason: code, message, ended_at: now, updated_at: now })
    .where('id', '=', id)
    .where('outcome', '=', 'waiting')
    .execute()
}
