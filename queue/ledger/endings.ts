import type BetterSqlite3 from 'better-sqlite3'
import { NumberMap } from '../../src/core/churn/number-map.ts'
import type { Statements } from './statements.ts'

/**
 * Which jobs are over without anybody having been told.
 *
 * What ends in one transaction is one row of ids, which goes when the last of them was announced: a write per batch instead of two per job.
 */
export interface Endings {
  /** Jobs ended in this transaction; they come to the file with `flush`. */
  add(id: number): void
  /** A job has been announced, or is not over any more. */
  remove(id: number): void
  /** Write what changed since the last time. Within the transaction. */
  flush(): void
  has(id: number): boolean
  readonly size: number
  /** Oldest first. */
  first(limit: number): number[]
  /** Learn everything anew from the file. */
  read(): void
}

interface Row {
  readonly number: number
  /** Some may have been announced. */
  readonly ids: number[]
  /** Since it was written. */
  isChanged: boolean
}

/** Nothing has ended yet; `read` tells what had. */
export function createEndings(db: BetterSqlite3.Database, sql: Statements): Endings {
  const rowOf = new NumberMap<Row>()
  // Not a Set, which holds on to all that it ever held (see NumberMap).
  let changed: Row[] = []
  let last = 0
  let current: Row | undefined

  const change = (row: Row): void => {
    if (row.isChanged) return
    row.isChanged = true
    changed.push(row)
  }
  const startRow = (): Row => {
    last += 1
    const row: Row = { number: last, ids: [], isChanged: false }
    change(row)
    return row
  }
  const leftOf = (row: Row): number[] => row.ids.filter((id) => rowOf.get(id) === row)
  const write = (row: Row): void => {
    row.isChanged = false
    const left = leftOf(row)
    if (left.length > 0) sql.insertEnding.run(row.number, JSON.stringify(left))
    else sql.deleteEnding.run(row.number)
  }
  return {
    add: (id) => {
      current ??= startRow()
      current.ids.push(id)
      rowOf.set(id, current)
    },
    remove: (id) => {
      const row = rowOf.get(id)
      if (row === undefined) return
      rowOf.delete(id)
      change(row)
    },
    flush: () => {
      current = undefined
      for (const row of changed) write(row)
      changed = []
    },
    has: (id) => rowOf.has(id),
    get size() {
      return rowOf.size
    },
    first: (limit) =>
      [...new Set(rowOf.values())]
        .sort((a, b) => a.number - b.number)
        .flatMap(leftOf)
        .slice(0, limit),
    read: () => {
      rowOf.clear()
      changed = []
      current = undefined
      const stored = db.prepare<[], { number: number; ids: string }>('select number, ids from ending order by number').all()
      for (const { number, ids } of stored) {
        last = Math.max(last, number)
        const row: Row = { number, ids: JSON.parse(ids) as number[], isChanged: false }
        for (const id of row.ids) rowOf.set(id, row)
      }
    },
  }
}
