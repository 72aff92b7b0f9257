import { createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'
import type BetterSqlite3 from 'better-sqlite3'
import { sql } from 'kysely'
import type { Migration } from './database.ts'

/** One link as its writer hands it over. */
export interface Link {
  /** When it happened, ms since the epoch. */
  readonly at: number
  /** What kind of event it stands for; letters and underscores. */
  readonly kind: string
  /** The id of the row that it is about. */
  readonly ref: number
  /** Facts that are kept in the link itself. */
  readonly content: string | null
  /** Kept in the link until its own, shorter retention is over; only its digest is bound into the chain. */
  readonly payload: string | null
}

/** One link as it is stored. */
export interface ChainRow extends Link {
  readonly seq: number
  /** SHA-256 of the payload, base64url; `null` where there never was one. */
  readonly digest: string | null
  readonly mac: Buffer
}

/** The one row that says where the chain begins and ends. */
export interface ChainHeadRow {
  readonly id: 1
  readonly seq: number
  readonly mac: Buffer
  /** Links up to here were purged; the first one left follows on `floor_mac`. */
  readonly floor_seq: number
  readonly floor_mac: Buffer
  /** Payloads up to here were purged. */
  readonly payload_floor_seq: number
  /** The owner's own mark, e.g. up to where everything is settled. Not bound by the seal. */
  readonly mark: number
  /** HMAC over all of the above but `mark`: nobody without the key can move the head back. */
  readonly seal: Buffer
}

/** The tables of a chained store. */
export interface ChainTables {
  readonly chain: ChainRow
  readonly chain_head: ChainHeadRow
}

/** Where the chain ends; write it down elsewhere and a later verification proves that nothing before it was cut off. */
export interface ChainPoint {
  readonly seq: number
  readonly mac: Buffer
}

/** The schema step of a chained store. */
export const chainMigration: Migration = {
  name: 'chain',
  async up(db) {
    await db.schema
      .createTable('chain')
      .addColumn('seq', 'integer', (column) => column.primaryKey())
      .addColumn('at', 'bigint', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('ref', 'bigint', (column) => column.notNull())
      .addColumn('content', 'text')
      .addColumn('payload', 'text')
      .addColumn('digest', 'text')
      .addColumn('mac', sql`blob`, (column) => column.notNull())
      .execute()
    await db.schema
      .createTable('chain_head')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('seq', 'bigint', (column) => column.notNull())
      .addColumn('mac', sql`blob`, (column) => column.notNull())
      .addColumn('floor_seq', 'bigint', (column) => column.notNull())
      .addColumn('floor_mac', sql`blob`, (column) => column.notNull())
      .addColumn('payload_floor_seq', 'bigint', (column) => column.notNull())
      .addColumn('mark', 'bigint', (column) => column.notNull())
      .addColumn('seal', sql`blob`, (column) => column.notNull())
      .execute()
  },
}

/** What the first link follows on. */
export const CHAIN_START = Buffer.alloc(32)

/** Digest of a payload as links keep it. */
export const payloadDigest = (payload: string): string => hash('sha256', payload, 'base64url')

/**
 * The MAC of a link: HMAC-SHA256 (RFC 2104) over the MAC before it, its own fields and the text of the row that it covers.
 *
 * Lengths stand before the free texts, so that no two links have the same bytes.
 */
export function linkMac(key: KeyObject, previous: Buffer, link: Omit<ChainRow, 'mac' | 'payload'>, covered: string): Buffer {
  const { seq, at, kind, ref, content, digest } = link
  const own = `${seq}\n${at}\n${kind}\n${ref}\n${content === null ? -1 : content.length}\n${content ?? ''}\n${digest ?? ''}\n${covered}`
  return createHmac('sha256', key).update(previous).update(own).digest()
}

/** The seal of a head row. */
function headSeal(key: KeyObject, head: Omit<ChainHeadRow, 'id' | 'mark' | 'seal'>): Buffer {
  return createHmac('sha256', key)
    .update(`head\n${head.seq}\n${head.floor_seq}\n${head.payload_floor_seq}\n`)
    .update(head.mac)
    .update(head.floor_mac)
    .digest()
}

type Head = Omit<ChainHeadRow, 'id' | 'seal'>

/** The text of the row that a link covers, given the link's own number; bound in but not stored with the link. */
export type Covered = (seq: number) => string

/** What a commit may do to the chain. */
export interface ChainPen {
  /** Store the next link, made by `link` before. */
  put(link: ChainRow): void
  /** Make and store the next link. @returns its number */
  append(link: Link, covered?: Covered): number
  /** Drop the oldest links up to and including `seq`, together with whatever the caller deletes in the same commit. */
  dropThrough(seq: number): void
  /** Forget the payloads up to and including `seq`. @returns how many there were */
  dropPayloadsThrough(seq: number): number
  /** Move the owner's mark. */
  mark(value: number): void
}

/**
 * The writing end of a chain. One per database file, and all writes to chained tables go through `commit`, so that rows and links are never apart.
 *
 * A link is made (`link`) when the thing happens, and stored with a later commit, many at once.
 */
export class Chain {
  readonly #key: KeyObject
  readonly #statements: ReturnType<typeof prepare>
  readonly #transact: BetterSqlite3.Transaction<(work: (pen: ChainPen) => unknown) => unknown>
  /** Whether the head row was as its writer had left it when the chain was opened; false after an edit, or with another key. */
  readonly intact: boolean
  /** The last link that is stored. */
  #head: Head
  /** The last link that was made. */
  #tip: ChainPoint

  constructor(raw: BetterSqlite3.Database, key: Buffer) {
    this.#key = createSecretKey(key)
    const { head, intact } = openHead(raw, this.#key)
    this.#head = head
    this.#tip = head
    this.intact = intact
    this.#statements = prepare(raw)
    const pen: ChainPen = {
      put: (link) => this.#put(link),
      append: (link, covered) => {
        const made = this.link(link, covered)
        this.#put(made)
        return made.seq
      },
      dropThrough: (seq) => this.#dropThrough(seq),
      dropPayloadsThrough: (seq) => this.#dropPayloadsThrough(seq),
      mark: (value) => {
        this.#head = { ...this.#head, mark: value }
      },
    }
    this.#transact = raw.transaction((work) => {
      const result = work(pen)
      this.#writeHead()
      return result
    })
  }

  /** The head row as it is stored. */
  get head(): Readonly<Head> {
    return this.#head
  }

  /** The last link that was made, stored or not. */
  get tip(): ChainPoint {
    return this.#tip
  }

  /** Make the next link without storing it. The caller stores it, in this order, or rewinds. */
  link({ at, kind, ref, content, payload }: Link, covered?: Covered): ChainRow {
    const seq = this.#tip.seq + 1
    const digest = payload === null ? null : payloadDigest(payload)
    const mac = linkMac(this.#key, this.#tip.mac, { seq, at, kind, ref, content, digest }, covered?.(seq) ?? '')
    this.#tip = { seq, mac }
    return { seq, at, kind, ref, content, payload, digest, mac }
  }

  /** Unmake the links after `tip`; none of them may be stored. */
  rewind(tip: ChainPoint): void {
    if (tip.seq < this.#head.seq) throw new RangeError(`Link ${tip.seq} is stored already.`)
    this.#tip = tip
  }

  /** Do `work` in one transaction. Either all of it is in the file and in the chain, or nothing is. */
  commit<T>(work: (pen: ChainPen) => T): T {
    const head = this.#head
    const tip = this.#tip
    try {
      return this.#transact.immediate(work) as T
    } catch (thrown) {
      this.#head = head
      this.#tip = tip
      throw thrown
    }
  }

  #put({ seq, at, kind, ref, content, payload, digest, mac }: ChainRow): void {
    if (seq !== this.#head.seq + 1) throw new RangeError(`Link ${seq} cannot follow on link ${this.#head.seq}.`)
    this.#statements.insert.run(seq, at, kind, ref, content, payload, digest, mac)
    this.#head = { ...this.#head, seq, mac }
  }

  #dropThrough(seq: number): void {
    const row = this.#statements.macOf.get(seq) as { mac: Buffer } | undefined
    if (!row || seq >= this.#head.seq) throw new RangeError(`Link ${seq} cannot become the floor of the chain.`)
    this.#statements.deleteThrough.run(seq)
    const payloadFloor = Math.max(seq, this.#head.payload_floor_seq)
    this.#head = { ...this.#head, floor_seq: seq, floor_mac: row.mac, payload_floor_seq: payloadFloor }
  }

  #dropPayloadsThrough(seq: number): number {
    const { changes } = this.#statements.forgetBetween.run(this.#head.payload_floor_seq, seq)
    this.#head = { ...this.#head, payload_floor_seq: Math.max(seq, this.#head.payload_floor_seq) }
    return changes
  }

  #writeHead(): void {
    const { seq, mac, floor_seq, floor_mac, payload_floor_seq, mark } = this.#head
    this.#statements.putHead.run(seq, mac, floor_seq, floor_mac, payload_floor_seq, mark, headSeal(this.#key, this.#head))
  }
}

const prepare = (raw: BetterSqlite3.Database) => ({
  insert: raw.prepare('insert into chain (seq, at, kind, ref, content, payload, digest, mac) values (?, ?, ?, ?, ?, ?, ?, ?)'),
  putHead: raw.prepare(
    'update chain_head set seq = ?, mac = ?, floor_seq = ?, floor_mac = ?, payload_floor_seq = ?, mark = ?, seal = ? where id = 1',
  ),
  macOf: raw.prepare('select mac from chain where seq = ?'),
  deleteThrough: raw.prepare('delete from chain where seq <= ?'),
  forgetBetween: raw.prepare('update chain set payload = null where seq > ? and seq <= ? and payload is not null'),
})

function openHead(raw: BetterSqlite3.Database, key: KeyObject): { head: Head; intact: boolean } {
  const row = raw.prepare('select * from chain_head where id = 1').get() as ChainHeadRow | undefined
  if (row) return { head: row, intact: isSealed(key, row) }
  const head = { seq: 0, mac: CHAIN_START, floor_seq: 0, floor_mac: CHAIN_START, payload_floor_seq: 0, mark: 0 }
  raw
    .prepare(
      'insert into chain_head (id, seq, mac, floor_seq, floor_mac, payload_floor_seq, mark, seal) values (1, 0, ?, 0, ?, 0, 0, ?)',
    )
    .run(CHAIN_START, CHAIN_START, headSeal(key, head))
  return { head, intact: true }
}

/** Whether a head row was written by someone who holds the key. */
export const isSealed = (key: KeyObject, head: ChainHeadRow): boolean =>
  head.seal.length === 32 && timingSafeEqual(headSeal(key, head), head.seal)
