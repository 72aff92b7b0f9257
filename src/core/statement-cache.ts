import type BetterSqlite3 from 'better-sqlite3'
import { LRUCache } from 'lru-cache'

/** What Kysely's SQLite driver asks of a database. */
interface Facade {
  prepare(sql: string): BetterSqlite3.Statement
  close(): void
}

/**
 * Kysely prepares every query anew; preparing costs more than running (measured: 25 against 12 µs for a look-up by key).
 *
 * @returns a facade that keeps the last 300 statements; `clear` it after the schema changed
 */
export function cacheStatements(raw: BetterSqlite3.Database): { readonly facade: Facade; clear(): void } {
  const statements = new LRUCache<string, BetterSqlite3.Statement>({ max: 300 })
  const prepare = (sql: string): BetterSqlite3.Statement => {
    const known = statements.get(sql)
    // A statement that is being iterated cannot be run a second time.
    if (known && !known.busy) return known
    const statement = raw.prepare(sql)
    statements.set(sql, statement)
    return statement
  }
  return { facade: { prepare, close: () => raw.close() }, clear: () => statements.clear() }
}
