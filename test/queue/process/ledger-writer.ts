import { writeSync } from 'node:fs'
import { pino } from 'pino'
import type { LeasedJob } from '../../../queue/ledger/ledger.ts'
import { openSqliteLedger } from '../../../queue/ledger/sqlite-ledger.ts'
import { batch, claim, done, newJobs } from '../ledger/batch.ts'

/** Works on a ledger until it is killed; tells of every tick that was acknowledged: `added leased settled`, ids joined by commas. */
const [path, firstId] = process.argv.slice(2)
const policy = { perToken: 1_000, queuePerToken: 100_000, levels: 1 }
const ledger = await openSqliteLedger({ lane: 'test', path: path!, policy, log: pino({ level: 'silent' }) })
const idsOf = (jobs: readonly { readonly id: number }[]): string => jobs.map(({ id }) => id).join()

let held: readonly LeasedJob[] = []
for (let id = Number(firstId); ; id += 50) {
  const add = newJobs(id, id + 49, { payload: JSON.stringify('x'.repeat(1_000)) })
  const { claimed } = await ledger.commit(batch({ add, settle: held.map((job) => done(job)), claim: [claim(40)] }))
  writeSync(1, `${idsOf(add)} ${idsOf(claimed[0]!)} ${idsOf(held)}\n`)
  held = claimed[0]!
}
