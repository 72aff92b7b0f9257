import { Fault } from '../../src/contract/fault.ts'

/** What is wrong, and what an operator can do about it, by the first two words of a code of SQLite (sqlite.org/rescode.html). */
const CAUSES: Readonly<Record<string, readonly [what: string, wayOut: string]>> = {
  SQLITE_NOTADB: [
    'it is damaged, or no database at all',
    'Restore it from a backup of the data folder; moving it away starts it anew, without its jobs',
  ],
  SQLITE_CORRUPT: [
    'it is damaged',
    'Restore it from a backup of the data folder; moving it away starts it anew, without its jobs',
  ],
  SQLITE_CANTOPEN: [
    'file or folder cannot be opened',
    'Check that the user of the gateway may read and write both, and that it may open enough files',
  ],
  SQLITE_READONLY: [
    'it cannot be written',
    'Check that the user of the gateway may write file and folder, and that the disk is not read-only',
  ],
  SQLITE_PERM: ['it may not be opened', 'Check that the user of the gateway may read and write it'],
  SQLITE_FULL: ['the disk is full', 'Make room'],
  SQLITE_IOERR: ['the disk does not read or write as it should', 'Is it full or broken?'],
  SQLITE_BUSY: ['another program holds it', 'End that program'],
}

/** A refusal to start that names the file, where SQLite could not use it; anything else as it came. */
export function unusableLedger(path: string, thrown: unknown): unknown {
  const code = sqliteCode(thrown)
  if (code === undefined) return thrown
  const [what, wayOut] = causeOf(code)
  return new TypeError(`${path}: ${what}. ${wayOut} (${code}).`, { cause: thrown })
}

/** What a caller is told where the disk refused while the lane runs; anything else as it came. */
export function refusedByDisk(lane: string, thrown: unknown): unknown {
  const code = sqliteCode(thrown)
  if (code === undefined) return thrown
  const [what] = causeOf(code)
  return new Fault(
    'unavailable',
    `The jobs of the lane ${lane} cannot be stored: ${what} (${code}). Nothing was changed; try again later.`,
    {
      cause: thrown,
      retryAfterMs: 5_000,
    },
  )
}

/** SQLite's code; undefined where it was not SQLite that threw. */
export function sqliteCode(thrown: unknown): string | undefined {
  const { code } = (thrown ?? {}) as { code?: unknown }
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : undefined
}

const causeOf = (code: string): readonly [string, string] =>
  CAUSES[code.split('_').slice(0, 2).join('_')] ?? ['SQLite could not use it', 'The code says why']
