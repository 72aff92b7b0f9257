import type BetterSqlite3 from 'better-sqlite3'
import type { Endings } from './endings.ts'
import type { Standing } from './standing.ts'
import type { Statements } from './statements.ts'

/** What the parts of a ledger work with. */
export interface Desk {
  readonly lane: string
  readonly levels: number
  readonly db: BetterSqlite3.Database
  readonly sql: Statements
  readonly standing: Standing
  readonly endings: Endings
  /** The highest id ever seen: what is above it is new without asking. */
  maxId: number
}
