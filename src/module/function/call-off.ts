import { functionLane } from '../../../queue/function.lane.ts'
import { Fault } from '../../contract/fault.ts'
import type { FunctionStore } from './function.store.ts'

/** Call off what was submitted of a function and has not begun. What runs goes on; what is still on its way to the lane is refused there. */
export async function callOff({ db, house: { queue } }: FunctionStore, functionId: number, reason: string): Promise<void> {
  const waiting = await db
    .selectFrom('invocation')
    .select('job_id')
    .where('function_id', '=', functionId)
    .where('outcome', '=', 'waiting')
    .execute()
  for (const { job_id } of waiting) {
    const job = await queue.job(functionLane.name, job_id)
    if (job?.state !== 'scheduled' && job?.state !== 'ready') continue
    try {
      await queue.cancel(functionLane.name, job_id, reason)
    } catch (thrown) {
      // It came to its end meanwhile.
      if (!(thrown instanceof Fault)) throw thrown
    }
  }
}
