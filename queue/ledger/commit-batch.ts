import { addJobs } from './add-jobs.ts'
import { claimJobs } from './claim-jobs.ts'
import type { Desk } from './desk.ts'
import type { Batch, Committed } from './ledger.ts'
import { makeDueReady } from './make-due-ready.ts'
import { settleJob } from './settle-job.ts'

/**
 * One tick's work, within a transaction. What ended makes room first; then what is new stands in line with what waited, and the places go round.
 */
export function commitBatch(desk: Desk, batch: Batch): Committed {
  const { nowMs } = batch
  const settled = batch.settle.map((settlement) => settleJob(desk, settlement))
  for (const id of batch.announced ?? []) desk.endings.remove(id)
  makeDueReady(desk, nowMs)
  const arrivals = addJobs(desk, batch.add, nowMs)
  const claimed = batch.claim.map((claim) => claimJobs(desk, arrivals, claim, nowMs))
  return { added: arrivals.store(), settled, claimed }
}
