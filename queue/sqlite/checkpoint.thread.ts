import { parentPort } from 'node:worker_threads'
import BetterSqlite3 from 'better-sqlite3'

/** What is asked of this thread. */
export interface CheckpointOrder {
  readonly path: string
}

/** Frames in the log, and how many of them are in the database by now; -1 where somebody else is at it. */
export interface CheckpointDone {
  readonly log: number
  readonly checkpointed: number
}

/** As much as can be done without anybody waiting: writers and readers go on meanwhile. */
function checkpoint({ path }: CheckpointOrder): CheckpointDone {
  const db = new BetterSqlite3(path, { fileMustExist: true, timeout: 0 })
  try {
    const [done] = db.pragma('wal_checkpoint(PASSIVE)') as [CheckpointDone]
    return { log: done.log, checkpointed: done.checkpointed }
  } finally {
    db.close()
  }
}

parentPort?.on('message', (order: CheckpointOrder) => {
  try {
    parentPort?.postMessage(checkpoint(order))
  } catch {
    // A full disk or a file that another program holds: its owner finds out when it writes, and it is tried again.
    parentPort?.postMessage({ log: -1, checkpointed: -1 } satisfies CheckpointDone)
  }
})
