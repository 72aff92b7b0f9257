import { writeSync } from 'node:fs'
import type { LeasedJob } from '../../../queue/ledger/ledger.ts'
import { openSqliteLedger } from '../../../queue/ledger/sqlite-ledger.ts'
import { createTestLog } from '../../support.ts'
import { batch, claim, done, newJobs } from '../ledger/batch.ts'
import { ROOMY } from '../ledger/stand.ts'

/** Works on a ledger until it is killed; tells of every tick that was acknowledged: `added leased settled`, ids joined by commas. */
const [path, firstId] = process.argv.slice(2)
const ledger = await openSqliteLedger({ lane: 'test', path: path!, policy: ROOMY, log: createTestLog([]) })
const idsOf = (jobs: readonly { readonly id: number }[]): string => jobs.map(({ id }) => id).join()

let held: readonly LeasedJob[] = []
for (let id = Number(firstId); ; id += 50) {
  const add = newJobs(id, id + 49, { payload: JSON.stringify('x'.repeat(1_000)) })
  const { claimed } = await ledger.commit(batch({ add, settle: held.map((job) => done(job)), claim: [claim(40)] }))
  writeSync(1, `${idsOf(add)} ${idsOf(claimed[0]!)} ${idsOf(held)}\n`)
  held = claimed[0]!
}
