import { Fault } from '../../contract/fault.ts'
import type { Log } from '../../contract/house.ts'
import type { Ending, Visit } from '../../contract/visit.ts'
import type { Chain, ChainRow } from '../../core/chain.ts'
import { NumberMap } from '../../core/churn/number-map.ts'
import { Roster, type Seat } from '../../core/churn/roster.ts'
import type { JournalEntry, JournalFile } from '../../core/journal-file.ts'
import {
  type CallEnd,
  type CallRow,
  type CallStart,
  callEnd,
  callStart,
  coveredCall,
  packSpans,
  readStart,
  requestPayload,
  responsePayload,
  unpackCovered,
} from './call-record.ts'

/** A call that has begun and not finished. */
export interface OpenCall {
  readonly start: CallStart
  /** Number of its `begun` link. */
  readonly begunSeq: number
}

interface JournalParts {
  readonly chain: Chain
  readonly file: JournalFile
  readonly storeCall: (row: CallRow) => void
  readonly log: Log
  readonly nowMs: () => number
  /** Longest payload that is kept, in characters of JSON. */
  readonly payloadMaxChars: number
  /** Added to every visit's id, so that ids never repeat after a restart. */
  readonly idShift: number
  /** Calls that the database knows to have begun, and not to have finished, in the order in which they began. */
  readonly unfinished: readonly OpenCall[]
  /** Called once a call is in the database. Must not throw. */
  readonly stored: (row: CallRow) => void
}

/** A link that the database does not have yet, with the row that belongs to it. */
interface Pending {
  readonly link: ChainRow
  readonly row: CallRow | undefined
}

/** Links that make up one transaction where calls come fast: enough to share its price, few enough not to be felt (about 2 ms). */
const BATCH_LINKS = 256
/** Longest that a link waits for others, in ms. */
const WAIT_MS = 100
/** Links that may wait while the database takes none; then no call is let in. */
const MAX_PENDING = 10_000
/** Calls in flight from which on those of one turn of the event loop share a write: at 100 of them a third of this module's work was system calls. */
const CROWD_CALLS = 8
/** How long the same complaint is not repeated, in ms. */
const QUIET_MS = 1_000

/** A call in flight, and its place among the others. */
interface HeldCall {
  readonly open: OpenCall
  readonly seat: Seat
}

/** A write that several entries wait for. */
interface SharedWrite {
  readonly immediate: NodeJS.Immediate
  /** Rejects with the Fault that refuses the calls that were to begin with it. */
  readonly done: PromiseWithResolvers<void>
  /** The same for endings, which it does not refuse: never rejects. */
  readonly over: Promise<void>
}

/**
 * Writes down calls before they run and before they are answered.
 *
 * Each beginning and ending is chained at once and appended to the journal file, by itself or, in a crowd, together with the others of the same
 * turn; the database receives them in groups, a transaction for many. After a crash the journal holds what the database has not.
 */
export class CallJournal {
  readonly #parts: JournalParts
  /** By the id of the visit, or of the record where an earlier process began it. */
  readonly #held = new NumberMap<HeldCall>()
  /** In the order in which they began. */
  readonly #open = new Roster<OpenCall>()
  #pending: Pending[] = []
  /** Made, and not yet in the file. */
  #unwritten: JournalEntry[] = []
  #sharedWrite: SharedWrite | undefined
  #timer: NodeJS.Timeout | undefined
  #immediate: NodeJS.Immediate | undefined
  #quietUntil = 0
  #commits = 0

  constructor(parts: JournalParts) {
    this.#parts = parts
    for (const open of parts.unfinished) this.#hold(open.start.id, open)
    this.#replay()
  }

  /** Calls in flight, in the order in which they began. */
  get open(): Iterable<OpenCall> {
    return this.#open.all()
  }

  /** Links that the database does not have yet. */
  get waiting(): number {
    return this.#pending.length
  }

  /** Transactions so far. */
  get commits(): number {
    return this.#commits
  }

  /**
   * Write down that a call begins.
   *
   * @returns a promise where it shares its write with others
   * @throws Fault `unavailable` when that is not possible
   */
  begin(visit: Visit): void | Promise<void> {
    const { chain, idShift, payloadMaxChars } = this.#parts
    if (this.#pending.length >= MAX_PENDING) throw notWritten(new Error('The audit database takes no rows.'))
    const start = callStart(visit, idShift)
    const before = chain.tip
    const link = chain.link({
      at: start.begun_at,
      kind: 'begun',
      ref: start.id,
      content: JSON.stringify(start),
      payload: requestPayload(visit, payloadMaxChars),
    })
    this.#unwritten.push({ link, covered: '' })
    if (this.#open.size < CROWD_CALLS) {
      try {
        this.#write()
      } catch (cause) {
        this.#unwritten.pop()
        chain.rewind(before)
        this.#complain('audit.journal_failed', cause)
        throw notWritten(cause)
      }
    }
    this.#hold(visit.id, { start, begunSeq: link.seq })
    this.#add({ link, row: undefined })
    return this.#unwritten.length === 0 ? undefined : this.#shareWrite()
  }

  /** Settles once everything so far is in the file, or as well kept as it can be; `undefined` where it is already. Never rejects. */
  written(): Promise<void> | undefined {
    return this.#sharedWrite?.over
  }

  /**
   * Write down how a call ended; await `written` before the caller is answered. Where the file takes nothing any more, the ending waits in memory.
   *
   * @returns the row, or nothing when the call could not even be begun
   */
  finish(visit: Visit, ending: Ending): CallRow | undefined {
    const open = this.#release(visit.id)
    if (!open) return undefined
    const { nowMs, payloadMaxChars } = this.#parts
    const end = callEnd(ending, nowMs())
    return this.#end(open, end, packSpans(visit.spans), responsePayload(ending, visit, payloadMaxChars))
  }

  /** End all calls that an earlier process left open. @returns how many */
  abandonOpen(end: CallEnd): number {
    const left = this.#open.all()
    for (const { seat } of this.#held.clear()) seat.leave()
    for (const open of left) this.#end(open, end, null, null)
    return left.length
  }

  #hold(id: number, open: OpenCall): void {
    this.#held.set(id, { open, seat: this.#open.add(open) })
  }

  #release(id: number): OpenCall | undefined {
    const held = this.#held.delete(id)
    held?.seat.leave()
    return held?.open
  }

  #end(open: OpenCall, end: CallEnd, spans: string | null, payload: string | null): CallRow {
    let row: CallRow | undefined
    let covered = ''
    const link = this.#parts.chain.link(
      { at: end.finished_at, kind: 'finished', ref: open.start.id, content: spans, payload },
      (seq) => {
        row = { ...open.start, ...end, begun_seq: open.begunSeq, finished_seq: seq }
        covered = coveredCall(row)
        return covered
      },
    )
    this.#unwritten.push({ link, covered })
    if (this.#open.size < CROWD_CALLS) this.#tryWrite()
    else this.#shareWrite()
    this.#add({ link, row: row! })
    return row!
  }

  /** Append what waits, in its order. @throws whatever the file throws; what waits goes on waiting then */
  #write(): void {
    this.#parts.file.append(this.#unwritten)
    this.#settleWrite()
  }

  #tryWrite(): unknown {
    try {
      this.#write()
      return undefined
    } catch (cause) {
      this.#complain('audit.journal_failed', cause)
      return cause
    }
  }

  /** Everything is in the file, or in the database. */
  #settleWrite(): void {
    this.#unwritten = []
    if (!this.#sharedWrite) return
    clearImmediate(this.#sharedWrite.immediate)
    this.#sharedWrite.done.resolve()
    this.#sharedWrite = undefined
  }

  #shareWrite(): Promise<void> {
    this.#sharedWrite ??= this.#newSharedWrite()
    return this.#sharedWrite.done.promise
  }

  #newSharedWrite(): SharedWrite {
    const done = Promise.withResolvers<void>()
    const over = done.promise.catch(() => {})
    const immediate = setImmediate(() => {
      const cause = this.#tryWrite()
      if (cause === undefined) return
      this.#sharedWrite = undefined
      done.reject(notWritten(cause))
    })
    return { immediate, done, over }
  }

  /** Bring the database up to now. @returns whether it took everything */
  drain(): boolean {
    clearTimeout(this.#timer)
    clearImmediate(this.#immediate)
    this.#timer = this.#immediate = undefined
    if (this.#pending.length === 0) return true
    try {
      this.#store()
      return true
    } catch (cause) {
      this.#complain('audit.write_failed', cause)
      this.#schedule()
      return false
    }
  }

  /** @throws whatever keeps the last links out of the database; the journal file still has them */
  close(): void {
    const whole = this.drain()
    clearTimeout(this.#timer)
    this.#parts.file.close()
    if (!whole) this.#parts.log.error({ links: this.#pending.length }, 'audit.left_in_journal')
  }

  #store(): void {
    const { chain, file, storeCall, stored } = this.#parts
    chain.commit((pen) => {
      for (const { link, row } of this.#pending) {
        pen.put(link)
        if (row) storeCall(row)
      }
      pen.mark(this.#settledThrough())
    })
    this.#commits += 1
    const rows = this.#pending
    this.#pending = []
    file.clear()
    this.#settleWrite()
    for (const { row } of rows) if (row) stored(row)
  }

  #add(pending: Pending): void {
    this.#pending.push(pending)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#pending.length === BATCH_LINKS) this.#immediate ??= setImmediate(() => this.drain())
    this.#timer ??= setTimeout(() => this.drain(), WAIT_MS)
  }

  /** Take over what the last process could not bring into the database. */
  #replay(): void {
    const { chain, file } = this.#parts
    for (const entry of file.found) {
      if (entry.link.seq <= chain.head.seq) continue
      const before = chain.tip
      const again = chain.link(entry.link, () => entry.covered)
      if (again.mac.equals(entry.link.mac)) {
        this.#take(again, entry.covered)
        continue
      }
      // Signing it silently would launder an edit, so a link that says so goes before it.
      chain.rewind(before)
      this.#admitGap(entry.link.seq)
      if (isReadable(entry)) {
        this.#take(
          chain.link(entry.link, () => entry.covered),
          entry.covered,
        )
      }
    }
    if (file.damaged) this.#admitGap(undefined)
  }

  #admitGap(foundSeq: number | undefined): void {
    const { chain, log, nowMs } = this.#parts
    const gap = { expected: chain.tip.seq + 1, found: foundSeq ?? 'something unreadable' }
    log.error(gap, 'audit.journal_gap')
    this.#add({
      link: chain.link({ at: nowMs(), kind: 'gap', ref: 0, content: JSON.stringify(gap), payload: null }),
      row: undefined,
    })
  }

  #take(link: ChainRow, covered: string): void {
    const row = link.kind === 'finished' ? unpackCovered(covered) : undefined
    if (link.kind === 'begun') {
      const start = readStart(link.content ?? '')
      this.#hold(start.id, { start, begunSeq: link.seq })
    } else if (row) this.#release(row.id)
    this.#add({ link, row })
  }

  /** Every link up to here belongs to a call that has finished; after a crash nobody has to look further back. */
  #settledThrough(): number {
    const { first } = this.#open
    return first ? first.begunSeq - 1 : this.#parts.chain.tip.seq
  }

  /** At most once a second: a full disk fails every write. */
  #complain(event: string, cause: unknown): void {
    const now = this.#parts.nowMs()
    if (now < this.#quietUntil) return
    this.#quietUntil = now + QUIET_MS
    this.#parts.log.error({ err: cause, pending: this.#pending.length }, event)
  }
}

/** Whether an entry that somebody else wrote has at least our form. */
function isReadable({ link, covered }: JournalEntry): boolean {
  try {
    if (link.kind === 'begun') JSON.parse(link.content ?? '')
    return link.kind !== 'finished' || coveredCall(unpackCovered(covered)) === covered
  } catch {
    return false
  }
}

const notWritten = (cause: unknown): Fault =>
  new Fault(
    'unavailable',
    'The call was not made, because its record could not be written. Try again; if it stays so, an operator finds the reason in the server log under audit.journal_failed or audit.write_failed (is the disk full?).',
    { cause, retryAfterMs: QUIET_MS },
  )
