import type BetterSqlite3 from 'better-sqlite3'
import { CALL_COLUMNS, type CallRow } from './call-record.ts'

/** Prepare the statement that stores an ended call, once. */
export function createCallWriter(raw: BetterSqlite3.Database): (row: CallRow) => void {
  const places = CALL_COLUMNS.map(() => '?').join(', ')
  // A row that is there already must not hold up all that follow; verification would tell that it is not the one of the link.
  const insert = raw.prepare(`insert into call (${CALL_COLUMNS.join(', ')}) values (${places}) on conflict do nothing`)
  return (row) => void insert.run(CALL_COLUMNS.map((column) => row[column]))
}
