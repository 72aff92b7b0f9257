import { Fault } from '../contract/fault.ts'

/** What an operator can do about a code of SQLite (sqlite.org/rescode.html), by its first two words. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  SQLITE_NOTADB:
    'it is damaged, or no database at all. Restore it from a backup of the data folder; moving it away starts it anew, without what it held',
  SQLITE_CORRUPT:
    'it is damaged. Restore it from a backup of the data folder; moving it away starts it anew, without what it held',
  SQLITE_CANTOPEN: 'file or folder cannot be opened. Check that the user of the gateway may read and write both',
  SQLITE_READONLY:
    'it cannot be written. Check that the user of the gateway may write file and folder, and that the disk is not read-only',
  SQLITE_PERM: 'it may not be opened. Check that the user of the gateway may read and write it',
  SQLITE_FULL: 'the disk is full. Make room and start again',
  SQLITE_IOERR: 'the disk does not read or write as it should. Is it full or broken?',
  SQLITE_BUSY: 'another program holds it. End that program and start again',
}

/** A refusal to start that names the file, where SQLite could not use it; anything else as it came. */
export function storeFault(path: string, thrown: unknown): unknown {
  const { code } = (thrown ?? {}) as { code?: unknown }
  if (typeof code !== 'string' || !code.startsWith('SQLITE_')) return thrown
  const wayOut = WAYS_OUT[code.split('_').slice(0, 2).join('_')] ?? 'SQLite could not use it'
  return new TypeError(`${path}: ${wayOut} (${code}).`, { cause: thrown })
}

const REASONS: Readonly<Record<string, string>> = {
  SQLITE_FULL: 'the disk is full',
  SQLITE_BUSY: 'another program holds the file',
}

/** What a caller is told of a write that the disk did not take: it may take the next; undefined for anything else. */
export function refusedWrite(thrown: unknown): Fault | undefined {
  const { code } = (thrown ?? {}) as { code?: unknown }
  if (typeof code !== 'string' || !/^SQLITE_(?:FULL|BUSY|READONLY|IOERR|CANTOPEN)/.test(code)) return undefined
  const what = REASONS[code.split('_', 2).join('_')] ?? 'its disk did not take it'
  return new Fault('unavailable', `The gateway could not write this down: ${what} (${code}). Try again later.`, {
    cause: thrown,
    retryAfterMs: 5_000,
  })
}
