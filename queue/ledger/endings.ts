import type BetterSqlite3 from 'better-sqlite3'
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

/** Nothing has ended yet; `read` tells what had. */
export function createEndings(db: BetterSqlite3.Database, sql: Statements): Endings {
  const rows = new Map<number, Set<number>>()
  const rowOf = new Map<number, number>()
  const changed = new Set<number>()
  let last = 0
  let current: Set<number> | undefined

  const remove = (id: number): void => {
    const number = rowOf.get(id)
    if (number === undefined) return
    rowOf.delete(id)
    rows.get(number)!.delete(id)
    changed.add(number)
  }
  const startRow = (): Set<number> => {
    last += 1
    const ids = new Set<number>()
    rows.set(last, ids)
    changed.add(last)
    return ids
  }
  const write = (number: number): void => {
    const ids = rows.get(number)!
    if (ids.size > 0) return void sql.insertEnding.run(number, JSON.stringify([...ids]))
    sql.deleteEnding.run(number)
    rows.delete(number)
  }
  return {
    add: (id) => {
      current ??= startRow()
      current.add(id)
      rowOf.set(id, last)
    },
    remove,
    flush: () => {
      current = undefined
      if (changed.size === 0) return
      for (const number of changed) write(number)
      changed.clear()
    },
    has: (id) => rowOf.has(id),
    get size() {
      return rowOf.size
    },
    first: (limit) => [...rowOf.keys()].slice(0, limit),
    read: () => {
      rows.clear()
      rowOf.clear()
      changed.clear()
      current = undefined
      const stored = db.prepare<[], { number: number; ids: string }>('select number, ids from ending order by number').all()
      for (const { number, ids } of stored) {
        last = Math.max(last, number)
        rows.set(number, new Set(JSON.parse(ids) as number[]))
        for (const id of rows.get(number)!) rowOf.set(id, number)
      }
    },
  }
}
