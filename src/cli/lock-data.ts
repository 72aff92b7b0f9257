import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Refusal } from '../config/refusal.ts'
import { storeFault } from '../core/store-fault.ts'

/** Another gateway runs on the folder. */
export class DataLockedRefusal extends Refusal {}

/**
 * Make this process the only gateway on a data folder.
 *
 * The lock is SQLite's own, on a file of its own, so the system lets go of it however the process ends.
 *
 * @returns a function that lets go
 * @throws DataLockedRefusal naming the process of the other gateway; Refusal or TypeError where folder or file cannot be used
 */
export function lockData(dataDir: string): () => void {
  makeFolder(dataDir)
  const pidFile = join(dataDir, 'gatehouse.pid')
  const lockFile = join(dataDir, 'gatehouse.lock')
  const lock = openLock(lockFile)
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw storeFault(lockFile, cause)
    throw new DataLockedRefusal(
      `Another Gatehouse (process ${readPid(pidFile)}) runs on ${dataDir}. Stop it first, or choose another folder with --data.`,
      { cause },
    )
  }
  writeFileSync(pidFile, String(process.pid))
  return () => lock.close()
}

function makeFolder(dataDir: string): void {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new Refusal(
      `The data folder ${dataDir} cannot be made (${code}). Check that it may be written there, or choose another folder with --data.`,
      { cause },
    )
  }
}

function openLock(path: string): BetterSqlite3.Database {
  try {
    return new BetterSqlite3(path, { timeout: 0 })
  } catch (cause) {
    throw storeFault(path, cause)
  }
}

function readPid(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // Between taking the lock and writing its number, the other process has none.
    return 'unknown'
  }
}
