import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { OPENING_PATIENCE_MS, PATIENCE_MS } from '../sqlite/patience.ts'
import { unusableLedger } from './ledger-failure.ts'
import { LEDGER_STEPS } from './ledger-steps.ts'

/** Where a ledger lies and how careful it is. */
export interface LedgerFile {
  /** A file, or `:memory:`. */
  readonly path: string
  /** Every commit survives a power cut, not only a crash of the process. Default false. */
  readonly synchronousFull?: boolean
  /** How long to wait at the start for another program that holds the file, in ms. Default 5000; later a quarter of a second at most. */
  readonly busyTimeoutMs?: number
}

/** Open a ledger's file and bring its schema up to date. @throws TypeError when it is too new for this program, or SQLite cannot use it */
export function openLedgerFile(file: LedgerFile): BetterSqlite3.Database {
  const { busyTimeoutMs = OPENING_PATIENCE_MS } = file
  let db: BetterSqlite3.Database | undefined
  try {
    if (file.path !== ':memory:') mkdirSync(dirname(file.path), { recursive: true, mode: 0o700 })
    db = new BetterSqlite3(file.path, { timeout: busyTimeoutMs })
    db.pragma('journal_mode = WAL')
    db.pragma(`synchronous = ${file.synchronousFull ? 'FULL' : 'NORMAL'}`)
    takeSteps(db, file.path)
    db.pragma(`busy_timeout = ${Math.min(busyTimeoutMs, PATIENCE_MS)}`)
    return db
  } catch (thrown) {
    db?.close()
    throw unusableLedger(file.path, thrown)
  }
}

function takeSteps(db: BetterSqlite3.Database, path: string): void {
  const taken = db.pragma('user_version', { simple: true }) as number
  if (taken > LEDGER_STEPS.length) {
    throw new TypeError(
      `${path} was written by a newer Gatehouse: its schema is at step ${taken}, this program knows ${LEDGER_STEPS.length}. Start the newer program, or restore a backup of the data folder.`,
    )
  }
  // Also where nothing is to be done: a file that another program holds is refused now, not when the first job comes.
  db.transaction(() => {
    for (const step of LEDGER_STEPS.slice(taken)) db.exec(step)
    if (taken < LEDGER_STEPS.length) db.pragma(`user_version = ${LEDGER_STEPS.length}`)
  }).immediate()
}
