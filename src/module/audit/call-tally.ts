import type BetterSqlite3 from 'better-sqlite3'
import { countedName } from '../../core/counted-name.ts'
import type { CallRow } from './call-record.ts'
import { isConsoleRead } from './console-read.ts'
import { bucketOf, type Histogram, mergeInto, packHistogram, unpackHistogram } from './duration-histogram.ts'

/** Lengths of the slots that calls are counted in, in ms. */
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000

/** How many minutes are kept; what is older is asked for by the hour. */
const MINUTES_KEPT_MS = 48 * HOUR_MS

/** What stands for all names that no tool has, so that strangers cannot make the table grow. */
const UNKNOWN_TOOL = '(unknown)'

interface Slot {
  readonly tool: string
  readonly outcome: string
  readonly minute: number
  calls: number
  readonly histogram: Histogram
}

/** Counts calls per minute and hour as they are stored, so that statistics never read the calls themselves. */
export class CallTally {
  readonly #raw: BetterSqlite3.Database
  readonly #headSeq: () => number
  readonly #slots = new Map<string, Slot>()
  readonly #read: BetterSqlite3.Statement
  readonly #write: BetterSqlite3.Statement
  readonly #mark: BetterSqlite3.Statement

  constructor(raw: BetterSqlite3.Database, headSeq: () => number) {
    this.#raw = raw
    this.#headSeq = headSeq
    this.#read = raw.prepare('select calls, histogram from tally where step_ms = ? and at = ? and tool = ? and outcome = ?')
    this.#write = raw.prepare(
      'insert into tally (step_ms, at, tool, outcome, calls, histogram) values (?, ?, ?, ?, ?, ?) on conflict (step_ms, at, tool, outcome) do update set calls = excluded.calls, histogram = excluded.histogram',
    )
    this.#mark = raw.prepare('insert into tally_mark (id, seq) values (1, ?) on conflict (id) do update set seq = excluded.seq')
    this.#catchUp()
  }

  /** Count a call that is in the database now. What a page of the console reads to show itself would bury what agents do, and is left out. */
  add(row: CallRow): void {
    if (isConsoleRead(row)) return
    const minute = row.begun_at - (row.begun_at % MINUTE_MS)
    const tool = row.source === 'unknown' ? UNKNOWN_TOOL : countedName({ ...row, name: row.tool })
    const key = `${minute}\n${row.outcome}\n${tool}`
    let slot = this.#slots.get(key)
    if (!slot) {
      slot = { tool, outcome: row.outcome, minute, calls: 0, histogram: new Map() }
      this.#slots.set(key, slot)
    }
    slot.calls += 1
    if (row.duration_ms !== null) mergeInto(slot.histogram, [[bucketOf(row.duration_ms), 1]])
  }

  /** Bring the tables up to now. What is not flushed is counted anew after a crash. */
  flush(): void {
    if (this.#slots.size === 0) return
    this.#raw.transaction(() => {
      for (const slot of this.#slots.values()) {
        this.#merge(MINUTE_MS, slot.minute, slot)
        this.#merge(HOUR_MS, slot.minute - (slot.minute % HOUR_MS), slot)
      }
      this.#mark.run(this.#headSeq())
    })()
    this.#slots.clear()
  }

  /** Forget the minutes that nobody asks for any more, and hours older than the calls. */
  purge(nowMs: number, callsBefore: number): void {
    const remove = this.#raw.prepare('delete from tally where step_ms = ? and at < ?')
    remove.run(MINUTE_MS, nowMs - MINUTES_KEPT_MS)
    remove.run(HOUR_MS, callsBefore)
  }

  #merge(stepMs: number, at: number, { tool, outcome, calls, histogram }: Slot): void {
    const known = this.#read.get(stepMs, at, tool, outcome) as { calls: number; histogram: string } | undefined
    const merged: Histogram = new Map(known ? unpackHistogram(known.histogram) : [])
    mergeInto(merged, histogram)
    this.#write.run(stepMs, at, tool, outcome, (known?.calls ?? 0) + calls, packHistogram(merged))
  }

  #catchUp(): void {
    const mark = (this.#raw.prepare('select seq from tally_mark where id = 1').get() as { seq: number } | undefined)?.seq ?? 0
    const missed = this.#raw.prepare(
      "select call.* from chain join call on call.id = chain.ref where chain.seq > ? and chain.kind = 'finished' and call.finished_seq = chain.seq",
    )
    for (const row of missed.iterate(mark) as IterableIterator<CallRow>) this.add(row)
    this.flush()
  }
}
