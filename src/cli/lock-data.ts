import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Refusal } from '../config/refusal.ts'

/** Another gateway runs on the folder. */
export class DataLockedRefusal extends Refusal {}

/**
 * Make this process the only gateway on a data folder.
 *
 * The lock is SQLite's own, on a file of its own, so the system lets go of it however the process ends.
 *
 * @returns a function that lets go
 * @throws DataLockedRefusal naming the process of the other gateway
 */
export function lockData(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const pidFile = join(dataDir, 'gatehouse.pid')
  const lock = new BetterSqlite3(join(dataDir, 'gatehouse.lock'), { timeout: 0 })
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw cause
    throw new DataLockedRefusal(
      `Another Gatehouse (process ${readPid(pidFile)}) runs on ${dataDir}. Stop it first, or choose another folder with --data.`,
      { cause },
    )
  }
  writeFileSync(pidFile, String(process.pid))
  return () => lock.close()
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Between taking the lock and writing its number, the other process has none.
    return 'unknown'
  }
}
