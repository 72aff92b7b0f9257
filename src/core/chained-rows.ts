import type BetterSqlite3 from 'better-sqlite3'
import type { Log } from '../contract/house.ts'
import type { Chain, ChainRow } from './chain.ts'
import { nextTurn } from './next-turn.ts'

/** A row as its table keeps it. */
export interface LogRow {
  readonly id: number
  /** Ms since the epoch. */
  readonly at: number
}

interface Parts<Row extends LogRow> {
  readonly raw: BetterSqlite3.Database
  readonly chain: Chain
  readonly table: string
  /** In the order in which the chain covers them, `id` and `at` first. Append only. */
  readonly columns: readonly (keyof Row & string)[]
  readonly log: Log
  /** Event of the complaint when rows had to be dropped. */
  readonly droppedEvent: string
}

/** Rows of one transaction and one link. */
const BATCH_ROWS = 256
/** Longest that a row waits for others, in ms. */
const WAIT_MS = 100
/** Rows that may wait while the database takes none; further ones are dropped and counted. */
const MAX_WAITING = 4_096
/** How long after a failure the next attempt is made, in ms. */
const RETRY_MS = 1_000
/** Links that are purged in one transaction, so that nobody has to wait for it. */
const PURGE_LINKS = 4

/**
 * Takes rows without waiting and stores them in batches, one link of the chain per batch.
 *
 * What comes faster than it can be stored is dropped and counted rather than kept in memory: these rows tell about work, they are not the work.
 */
export class ChainedRows<Row extends LogRow> {
  readonly #parts: Parts<Row>
  readonly #insert: BetterSqlite3.Statement
  #waiting: Row[] = []
  #timer: NodeJS.Timeout | undefined
  #dropped = 0
  #stored = 0
  #retryAt = 0
  #lastId: number
  #closed = false

  constructor(parts: Parts<Row>) {
    const { raw, table, columns } = parts
    this.#parts = parts
    this.#insert = raw.prepare(`insert into ${table} (${columns.join(', ')}) values (${columns.map(() => '?').join(', ')})`)
    this.#lastId = (raw.prepare(`select max(id) as id from ${table}`).get() as { id: number | null }).id ?? 0
    // Nobody else writes to this file; whoever holds it (a backup) must not make the gateway wait.
    raw.pragma('busy_timeout = 0')
  }

  /** Rows that were stored since the start. */
  get stored(): number {
    return this.#stored
  }

  /** Rows that were dropped since the start. */
  get dropped(): number {
    return this.#dropped
  }

  /** Take a row; its id is its time, bumped to stay unique. */
  add(row: Omit<Row, 'id'>): void {
    // While the house closes, what closes later may still have something to say; standard error has it.
    if (this.#closed) return
    if (this.#waiting.length >= MAX_WAITING) {
      this.#drop(1)
      return
    }
    this.#lastId = Math.max(this.#lastId + 1, row.at)
    this.#waiting.push({ ...row, id: this.#lastId } as Row)
    if (this.#waiting.length === BATCH_ROWS) setImmediate(() => this.flush())
    this.#timer ??= setTimeout(() => this.flush(), WAIT_MS)
  }

  /** Store what waits. @returns whether all of it was */
  flush(): boolean {
    clearTimeout(this.#timer)
    this.#timer = undefined
    try {
      while (this.#waiting.length > 0) this.#storeBatch()
      return true
    } catch (cause) {
      this.#fail(cause)
      return false
    }
  }

  close(): void {
    this.#closed = true
    if (!this.flush()) this.#drop(this.#waiting.length)
    clearTimeout(this.#timer)
  }

  /**
   * Delete what is older than `before`, a few batches per turn, and say so in the chain.
   *
   * @returns how many rows went
   */
  async purge(before: number, nowMs: number, signal: AbortSignal): Promise<number> {
    const { chain, raw, table } = this.#parts
    const oldest = raw.prepare('select seq, at, kind, ref from chain where seq > ? order by seq limit ?')
    const remove = raw.prepare(`delete from ${table} where id <= ?`)
    let rows = 0
    let said = false
    while (!signal.aborted) {
      const links = oldest.all(chain.head.floor_seq, PURGE_LINKS) as Pick<ChainRow, 'seq' | 'at' | 'kind' | 'ref'>[]
      const old = links.filter(({ seq, at }) => at < before && seq < chain.head.seq)
      const last = old.at(-1)
      if (!last) break
      const lastRows = old.findLast(({ kind }) => kind === 'rows')
      rows += chain.commit((pen) => {
        // First of all, so that a purge that is cut short has its link already.
        if (!said) pen.append({ at: nowMs, kind: 'purge', ref: 0, content: JSON.stringify({ before }), payload: null })
        const { changes } = lastRows ? remove.run(lastRows.ref) : { changes: 0 }
        pen.dropThrough(last.seq)
        return changes
      })
      said = true
      await nextTurn()
    }
    return rows
  }

  #storeBatch(): void {
    const { chain, columns } = this.#parts
    const batch = this.#waiting.slice(0, BATCH_ROWS)
    const last = batch.at(-1)!
    const content = JSON.stringify({ first: batch[0]!.id, count: batch.length })
    chain.commit((pen) => {
      for (const row of batch) this.#insert.run(columns.map((column) => row[column]))
      pen.append({ at: last.at, kind: 'rows', ref: last.id, content, payload: null }, () => coveredRows(batch, columns))
    })
    this.#waiting.splice(0, batch.length)
    this.#stored += batch.length
  }

  #fail(cause: unknown): void {
    const now = performance.now()
    if (now >= this.#retryAt) {
      this.#retryAt = now + RETRY_MS
      this.#parts.log.error({ err: cause, table: this.#parts.table, waiting: this.#waiting.length }, 'rows.write_failed')
    }
    this.#timer ??= setTimeout(() => this.flush(), RETRY_MS)
  }

  #drop(count: number): void {
    this.#dropped += count
    if (this.#dropped % MAX_WAITING === 1 || count > 1)
      this.#parts.log.error({ dropped: this.#dropped }, this.#parts.droppedEvent)
  }
}

/** The text of a batch that its link covers. */
export const coveredRows = <Row extends LogRow>(rows: readonly Row[], columns: readonly (keyof Row & string)[]): string =>
  rows.map((row) => JSON.stringify(columns.map((column) => row[column]))).join('\n')
