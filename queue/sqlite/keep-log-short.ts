import { stat } from 'node:fs/promises'
import type BetterSqlite3 from 'better-sqlite3'
import { checkpointer } from './checkpointer.ts'

/** When logs are short enough to be left alone, and long enough to be waited for; bytes. */
export interface LogLengths {
  /** From here on it is worked off in the background. Default 4 MiB. */
  readonly longBytes: number
  /** A writer that never pauses lets its log grow; from here on it is made to wait for the rest. Default 64 MiB. */
  readonly tooLongBytes: number
}

const LENGTHS: LogLengths = { longBytes: 4 * 1024 * 1024, tooLongBytes: 64 * 1024 * 1024 }

const LOOK_EVERY_MS = 250

/**
 * Keep the write-ahead log of a database short without its event loop waiting for the disk: a checkpoint syncs for 10 to 30 ms, and
 * nobody is answered meanwhile.
 *
 * @returns ends it; call it before the database is closed, and wait for it
 */
export function keepLogShort(db: BetterSqlite3.Database, lengths: LogLengths = LENGTHS): () => Promise<void> {
  if (db.memory) return async () => {}
  const path = db.name
  db.pragma('wal_autocheckpoint = 0')
  db.pragma(`journal_size_limit = ${lengths.longBytes}`)
  let underWay: Promise<void> | undefined
  let workedOffAt = 0
  const look = async (): Promise<void> => {
    const log = await stat(`${path}-wal`).catch(() => undefined)
    if (log === undefined || log.size < lengths.longBytes || log.mtimeMs === workedOffAt) return
    const done = await checkpointer.run({ path })
    if (done.log >= 0 && done.log === done.checkpointed) workedOffAt = log.mtimeMs
    else if (log.size >= lengths.tooLongBytes) workOffHere(db)
  }
  const timer = setInterval(() => {
    underWay ??= look().finally(() => {
      underWay = undefined
    })
  }, LOOK_EVERY_MS).unref()
  return async () => {
    clearInterval(timer)
    await underWay
  }
}

function workOffHere(db: BetterSqlite3.Database): void {
  try {
    db.pragma('wal_checkpoint(PASSIVE)')
  } catch {
    // A full disk, or a file that another program holds: whoever writes is told. It is tried again at the next look.
  }
}
