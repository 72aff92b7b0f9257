import BetterSqlite3 from 'better-sqlite3'
import { Worker } from 'bullmq'
import { better, defineQueue, defineWorker } from 'plainjob'
import { DrainMeter, type DrainSpans } from '../drain-meter.ts'

/** plainjob asks its file again after so many ms without a job; its own default is 1000. */
const POLL_MS = 5
const CONCURRENCY = 64

const [peer, where = '', plan = '{}'] = process.argv.slice(2)
const { backlog, ...spans } = JSON.parse(plan) as DrainSpans & { readonly backlog: number }
const meter = new DrainMeter(backlog, spans)
let seen = 0

/** The handler of both: does nothing but count. */
async function handle(): Promise<null> {
  seen += 1
  meter.saw(seen)
  if (seen === backlog) process.send!(meter.rates())
  return null
}

const quiet = { error: console.error, warn() {}, info() {}, debug() {} }

if (peer === 'plainjob') {
  const queue = defineQueue({ connection: better(new BetterSqlite3(where)), logger: quiet })
  const job = async (): Promise<void> => void (await handle())
  void defineWorker('bench', job, { queue, logger: quiet, pollIntervall: POLL_MS }).start()
} else {
  new Worker('bench', handle, { connection: { host: '127.0.0.1', port: Number(where) }, concurrency: CONCURRENCY })
}
process.once('disconnect', () => process.exit(0))
