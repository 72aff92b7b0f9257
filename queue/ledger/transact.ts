import type { Log } from '../../src/contract/house.ts'
import type { Desk } from './desk.ts'
import { refusedByDisk, sqliteCode } from './ledger-failure.ts'
import { readStanding } from './read-standing.ts'

/** All of some work or nothing of it: in the file, and in what is known by heart. @throws Fault `unavailable` where the disk refuses */
export type Transact = <T>(work: () => T) => T

/**
 * The one way to change a ledger.
 *
 * The work changes memory as it goes. Where it fails, or where another program wrote the file meanwhile, memory is read anew.
 */
export function createTransact(desk: Desk, log: Log): Transact {
  const { db, endings, standing } = desk
  const version = db.prepare<[], number>('pragma data_version').pluck()
  let seen = version.get()
  let isSure = true

  const learn = (): void => {
    isSure = false
    readStanding(db, standing)
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
  return <T>(work: () => T): T => {
    try {
      return whole.immediate(work) as T
    } catch (thrown) {
      isSure = false
      log.error({ lane: desk.lane, code: sqliteCode(thrown) ?? 'none' }, 'ledger_failed')
      tryToLearn()
      throw refusedByDisk(desk.lane, thrown)
    }
  }
}
