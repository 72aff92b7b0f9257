import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import BetterSqlite3 from 'better-sqlite3'
import { Refusal } from '../config/refusal.ts'
import { storeFault } from '../core/store-fault.ts'

/** Who runs on a folder. */
interface Holder {
  readonly pid: number
  /** undefined where it runs without one. */
  readonly supervisorPid: number | undefined
}

/** Another gateway runs on the folder. */
export class DataLockedRefusal extends Refusal {
  /** undefined while it has not said who it is. */
  readonly holder: Holder | undefined

  constructor(dataDir: string, holder: Holder | undefined, cause: unknown) {
    const pid = holder?.supervisorPid ?? holder?.pid ?? 'unknown'
    super(`Another Gatehouse (process ${pid}) runs on ${dataDir}. Stop it first, or choose another folder with --data.`, {
      cause,
    })
    this.holder = holder
  }
}

/** How long a front that goes down may hold up the one that follows it, in ms. */
const PREDECESSOR_MS = 10_000
const LOOK_EVERY_MS = 50

/**
 * Make this process the only gateway on a data folder.
 *
 * The lock is SQLite's own, on a file of its own, so the system lets go of it however the process ends.
 *
 * @param supervisorPid of this process, which a later one is told
 * @returns a function that lets go
 * @throws DataLockedRefusal naming the process of the other gateway; Refusal or TypeError where folder or file cannot be used
 */
export function lockData(dataDir: string, supervisorPid?: number): () => void {
  makeFolder(dataDir)
  const pidFile = join(dataDir, 'gatehouse.pid')
  const lockFile = join(dataDir, 'gatehouse.lock')
  const lock = openLock(lockFile)
  try {
    lock.exec('BEGIN EXCLUSIVE')
  } catch (cause) {
    lock.close()
    if ((cause as { code?: string }).code !== 'SQLITE_BUSY') throw storeFault(lockFile, cause)
    throw new DataLockedRefusal(dataDir, readHolder(pidFile), cause)
  }
  try {
    writeFileSync(pidFile, [process.pid, supervisorPid].filter(Boolean).join('\n'))
  } catch (cause) {
    lock.close()
    throw unwritable(dataDir, cause)
  }
  return () => lock.close()
}

/**
 * The same, but wait for one that is going down: its supervisor is dead, or is ours and starts us in its place.
 *
 * @throws what `lockData` throws; at once for a gateway that lives
 */
export async function takeOverData(dataDir: string, supervisorPid?: number): Promise<() => void> {
  const untilMs = performance.now() + PREDECESSOR_MS
  for (;;) {
    try {
      return lockData(dataDir, supervisorPid)
    } catch (thrown) {
      if (!(thrown instanceof DataLockedRefusal) || !isLeaving(thrown.holder, supervisorPid)) throw thrown
      if (performance.now() > untilMs) throw thrown
    }
    await delay(LOOK_EVERY_MS)
  }
}

const isLeaving = (holder: Holder | undefined, ourSupervisor: number | undefined): boolean =>
  holder?.supervisorPid !== undefined && (holder.supervisorPid === ourSupervisor || !isAlive(holder.supervisorPid))

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    // EPERM: somebody else's, so it is there.
    return (thrown as NodeJS.ErrnoException).code === 'EPERM'
  }
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

const unwritable = (dataDir: string, cause: unknown): Refusal =>
  new Refusal(
    `The data folder ${dataDir} cannot be written (${(cause as NodeJS.ErrnoException).code}). Check that the user of the gateway may write in it, and that the disk is neither full nor read-only.`,
    { cause },
  )

function openLock(path: string): BetterSqlite3.Database {
  try {
    return new BetterSqlite3(path, { timeout: 0 })
  } catch (cause) {
    throw storeFault(path, cause)
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const [pid, supervisorPid] = readFileSync(file, 'utf8').split('\n').map(Number)
    return pid ? { pid, supervisorPid: supervisorPid || undefined } : undefined
  } catch {
    // Between taking the lock and writing its number, the other process has none.
    return undefined
  }
}
