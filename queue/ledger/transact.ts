import type { Log } from '../../src/contract/house.ts'
import type { Desk } from './desk.ts'
import { refusedByDisk, sqliteCode } from './ledger-failure.ts'
import { readStanding } from './read-standing.ts'
import type { FileWatch } from './watch-file.ts'

/** All of some work or nothing of it: in the file, and in what is known by heart. @throws Fault `unavailable` where the disk refuses */
export type Transact = <T>(work: () => T) => T

/**
 * The one way to change a ledger.
 *
 * The work changes memory as it goes. Where it fails, or where another program wrote the file meanwhile, memory is read anew. After a failure a
 * small write goes ahead, so that a disk that stays full costs little.
 */
export function createTransact(desk: Desk, log: Log, file: FileWatch): Transact {
  const { db, endings, sql, standing } = desk
  const version = db.prepare<[], number>('pragma data_version').pluck()
  let seen = version.get()
  const probe = db.prepare("insert or replace into setting (name, value) values ('probe', 1)")
  let isSure = true
  let isSuspect = false

  const learn = (): void => {
    isSure = false
    readStanding(db, sql, standing)
    endings.read()
    isSure = true
  }
  /** The disk that refused to write may refuse to be read; then memory is read before the next change. */
  const tryToLearn = (): void => {
    try {
      learn()
    } catch (thrown) {
      log.error({ lane: desk.lane, code: sqliteCode(thrown) ?? 'none' }, 'ledger_unreadable')
    }
  }
  const checkMemory = (): void => {
    const now = version.get()
    if (now === seen && isSure) return
    if (now !== seen) log.warn({ lane: desk.lane }, 'ledger_changed_by_another_program')
    seen = now
    learn()
  }
  const whole = db.transaction(<T>(work: () => T): T => {
    checkMemory()
    const value = work()
    endings.flush()
    return value
  })
  const fail = (thrown: unknown): never => {
    throw refusedByDisk(desk.lane, thrown)
  }
  const tryDisk = (): void => {
    if (!isSuspect) return
    try {
      file.time(() => probe.run())
      isSuspect = false
    } catch (thrown) {
      fail(thrown)
    }
  }
  return <T>(work: () => T): T => {
    tryDisk()
    try {
      return file.time(() => whole.immediate(work) as T)
    } catch (thrown) {
      isSure = false
      isSuspect = true
      log.error({ lane: desk.lane, code: sqliteCode(thrown) ?? 'none' }, 'ledger_failed')
      tryToLearn()
      return fail(thrown)
    }
  }
}
