import BetterSqlite3 from 'better-sqlite3'
import { Worker } from 'bullmq'
import { better, defineQueue, defineWorker } from 'plainjob'

/** plainjob asks its file again after so many ms without a job; its own default is 1000. */
const POLL_MS = 5
const CONCURRENCY = 64

const [peer, where = '', expected = '0'] = process.argv.slice(2)
let began = 0
let seen = 0

/** The handler of both: does nothing but count. */
async function handle(): Promise<null> {
  if (seen === 0) began = performance.now()
  seen += 1
  if (seen === Number(expected)) process.send!(performance.now() - began)
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
