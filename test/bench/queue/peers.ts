import BetterSqlite3 from 'better-sqlite3'
import { Queue, QueueEvents } from 'bullmq'
import { better, defineQueue } from 'plainjob'
import { type Contestant, PAYLOAD } from './contestant.ts'
import { type PeerWorker, startPeerWorker } from './peer-worker.ts'

const quiet = { error: console.error, warn() {}, info() {}, debug() {} }

/** plainjob: SQLite, polled. It has no way to wait for a result. */
export function openPlainjob(dir: string): Contestant {
  const file = `${dir}/plainjob.sqlite`
  const queue = defineQueue({ connection: better(new BetterSqlite3(file)), logger: quiet })
  let worker: PeerWorker | undefined
  return {
    add: async () => void queue.add('bench', PAYLOAD),
    run: undefined,
    async drain(backlog, spans) {
      worker = await startPeerWorker('plainjob', file, { backlog, ...spans })
      return worker.drained
    },
    async stop() {
      await worker?.stop()
      queue.close()
    },
  }
}

/** BullMQ on Redis. */
export async function openBullmq(port: number): Promise<Contestant> {
  const connection = { host: '127.0.0.1', port }
  const queue = new Queue('bench', { connection })
  const events = new QueueEvents('bench', { connection })
  events.setMaxListeners(0)
  await Promise.all([queue.waitUntilReady(), events.waitUntilReady()])
  let worker: PeerWorker | undefined
  const add = () => queue.add('bench', PAYLOAD, { removeOnComplete: 1_000 })
  return {
    add: async () => void (await add()),
    run: async () => void (await (await add()).waitUntilFinished(events)),
    async drain(backlog, spans) {
      worker = await startPeerWorker('bullmq', String(port), { backlog, ...spans })
      return worker.drained
    },
    async stop() {
      await worker?.stop()
      await events.close()
      await queue.close()
    },
  }
}
