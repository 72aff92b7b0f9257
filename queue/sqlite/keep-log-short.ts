import type BetterSqlite3 from 'better-sqlite3'
import type { CheckpointDone } from './checkpoint.thread.ts'
import { checkpointer } from './checkpointer.ts'

/** When logs are short enough to be left alone, and long enough to be waited for; bytes. */
export interface LogLengths {
  /** From here on it is worked off in the background. Default 4 MiB. */
  readonly longBytes: number
  /**
   * A writer that never pauses lets its log grow; from here on it is made to wait for the rest. Default 128 MiB.
   *
   * Also what its file is cut to. A log that was worked off is written over from its beginning; cutting it to what is in use would make the
   * operating system find and clear a page for each write behind the end again, which took a tenth of the front's time.
   */
  readonly tooLongBytes: number
}

const MIB = 1024 * 1024

const LENGTHS: LogLengths = { longBytes: 4 * MIB, tooLongBytes: 128 * MIB }

const LOOK_EVERY_MS = 250

/** What a writer works off itself without anybody noticing: a ms or two. */
const FEW_BYTES = MIB / 2
const MOST_TRIES = 5

interface Standing {
  /** Of the log that is in use. */
  readonly bytes: number
  /** Of that, what is not in the database yet. */
  readonly leftBytes: number
}

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
  db.pragma(`journal_size_limit = ${lengths.tooLongBytes}`)
  const frameBytes = db.pragma('page_size', { simple: true }) as number
  // NOOP (SQLite 3.51) says how long the log is and how much of it is done, and does nothing.
  const standing = db.prepare('PRAGMA wal_checkpoint(NOOP)')
  let underWay: Promise<void> | undefined
  const stand = (): Standing => {
    const { log, checkpointed } = standing.get() as CheckpointDone
    return { bytes: log * frameBytes, leftBytes: (log - checkpointed) * frameBytes }
  }
  const look = async (): Promise<void> => {
    const { bytes, leftBytes } = stand()
    if (bytes < lengths.longBytes || leftBytes === 0) return
    await checkpointer.run({ path })
    if (bytes < lengths.tooLongBytes) return
    // It begins anew only once nothing of it is left: each time less was written meanwhile, until hardly anything is left for the writer.
    for (let again = 0; again < MOST_TRIES && stand().leftBytes > FEW_BYTES; again++) await checkpointer.run({ path })
    workOffHere(db)
  }
  const timer = setInterval(() => {
    // In the middle of a transaction SQLite does not say how the log stands; of a file that cannot be read, whoever writes is told. Then the next look will.
    underWay ??= look()
      .catch(() => {})
      .finally(() => {
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
