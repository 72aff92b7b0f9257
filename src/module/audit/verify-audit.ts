import { createSecretKey } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import type { Keys } from '../../contract/house.ts'
import { CHAIN_START, type ChainPoint, type ChainRow, linkMac, payloadDigest } from '../../core/chain.ts'
import { type ChainBreak, type ChainReport, verifyChain } from '../../core/chain-verify.ts'
import { coveredRows, type LogRow } from '../../core/chained-rows.ts'
import { parseJournal } from '../../core/journal-file.ts'
import { nextTurn } from '../../core/next-turn.ts'
import { type CallRow, coveredCall } from './call-record.ts'

/** What was found in one store. */
export interface StoreReport extends ChainReport {
  readonly store: ChainedStore
  readonly ok: boolean
  /** Links that a process which was killed left in its journal; the next start brings them in. */
  readonly waiting: number
}

/** The verdict on all chained stores of a data folder. */
export interface AuditReport {
  readonly ok: boolean
  readonly stores: readonly StoreReport[]
}

interface VerifyOptions {
  /** A point of the audit chain that was written down earlier (see `audit.opened` in the server log). */
  readonly through?: ChainPoint | undefined
  readonly signal?: AbortSignal | undefined
}

/** The stores whose rows are chained. */
export const CHAINED_STORES = ['audit', 'request', 'log'] as const

type ChainedStore = (typeof CHAINED_STORES)[number]

/** Tables of rows that are chained in batches. */
const ROW_TABLES = { request: 'request', log: 'line' } as const

/**
 * Recompute the chains of a data folder from their own key: audit, access log and server log.
 *
 * Reads one state of each file and writes nothing, so it may run beside the gateway.
 */
export async function verifyAudit(dataDir: string, keys: Keys, options: VerifyOptions = {}): Promise<AuditReport> {
  const stores: StoreReport[] = []
  const files = CHAINED_STORES.map((store) => ({ store, path: join(dataDir, `${store}.sqlite`) }))
  if (!files.some(({ path }) => existsSync(path))) return { ok: true, stores }
  for (const { store, path } of files) stores.push(await verifyFile(store, path, keys, options))
  return { ok: stores.every(({ ok }) => ok), stores }
}

async function verifyFile(store: ChainedStore, path: string, keys: Keys, options: VerifyOptions): Promise<StoreReport> {
  // They are made together, so one that is not there was taken away.
  if (!existsSync(path)) return unreadable(store, 'The file is not there, although others of the same gateway are.')
  const raw = new BetterSqlite3(path, { readonly: true, fileMustExist: true })
  try {
    // One transaction, so that what the gateway writes meanwhile is not seen.
    raw.exec('begin')
    return await verifyStore(store, raw, keys, { ...options, journal: path.replace(/\.sqlite$/, '.journal') })
  } catch (thrown) {
    const code = thrown instanceof BetterSqlite3.SqliteError ? thrown.code : ''
    if (!/^SQLITE_(NOTADB|CORRUPT|ERROR)/.test(code)) throw thrown
    return unreadable(store, `The file cannot be read (${code}): it is damaged, or its tables were changed.`)
  } finally {
    raw.close()
  }
}

const unreadable = (store: ChainedStore, reason: string): StoreReport => ({
  store,
  ok: false,
  links: 0,
  purged: 0,
  waiting: 0,
  head: { seq: 0, mac: CHAIN_START },
  broken: { seq: undefined, id: undefined, reason },
  gaps: [],
})

/** Verify one store through an open connection. */
export async function verifyStore(
  store: ChainedStore,
  raw: BetterSqlite3.Database,
  keys: Keys,
  { through, signal, journal }: VerifyOptions & { readonly journal?: string },
): Promise<StoreReport> {
  const key = keys.derive('ACCESS_CONTROL_KEY', `${store}-chain`)
  const covered = store === 'audit' ? callOf(raw) : batchOf(raw, ROW_TABLES[store])
  const report = await verifyChain({ raw, key, covered, signal, through: store === 'audit' ? through : undefined })
  const inserted = report.broken ?? (store === 'audit' ? await insertedCall(raw, signal) : insertedRow(raw, ROW_TABLES[store]))
  const left = journal === undefined ? { waiting: 0, broken: undefined } : readJournal(journal, key, report.head)
  const broken = inserted ?? left.broken
  return { ...report, store, broken, waiting: left.waiting, ok: broken === undefined && report.gaps.length === 0 }
}

/** The row of a `finished` link as it is now. */
function callOf(raw: BetterSqlite3.Database): (link: ChainRow) => string | undefined {
  const find = raw.prepare('select * from call where id = ?')
  return ({ kind, ref }) => {
    if (kind !== 'finished') return ''
    const row = find.get(ref) as CallRow | undefined
    return row && coveredCall(row)
  }
}

/** The rows of a batch as they are now: all between the batch before it and its own last. */
function batchOf(raw: BetterSqlite3.Database, table: string): (link: ChainRow) => string {
  const find = raw.prepare(`select * from ${table} where id > ? and id <= ? order by id`)
  let below = -1
  return ({ kind, ref }) => {
    if (kind !== 'rows') return ''
    const rows = find.all(below, ref) as LogRow[]
    below = ref
    return coveredRows(rows, Object.keys(rows[0] ?? {}) as (keyof LogRow)[])
  }
}

/** Calls that no link knows. */
async function insertedCall(raw: BetterSqlite3.Database, signal: AbortSignal | undefined): Promise<ChainBreak | undefined> {
  const page = raw.prepare(
    "select call.id, chain.seq from call left join chain on chain.seq = call.finished_seq and chain.ref = call.id and chain.kind = 'finished' where call.id > ? order by call.id limit 1000",
  )
  let after = -1
  for (;;) {
    signal?.throwIfAborted()
    const rows = page.all(after) as { id: number; seq: number | null }[]
    const stranger = rows.find(({ seq }) => seq === null)
    if (stranger) return { seq: undefined, id: stranger.id, reason: 'The call was inserted: no link of the chain stands for it.' }
    if (rows.length < 1_000) return undefined
    after = rows.at(-1)!.id
    await nextTurn()
  }
}

/** Rows behind the last batch. */
function insertedRow(raw: BetterSqlite3.Database, table: string): ChainBreak | undefined {
  const row = raw
    .prepare(`select min(id) as id from ${table} where id > (select coalesce(max(ref), -1) from chain where kind = 'rows')`)
    .get() as { id: number | null }
  return row.id === null
    ? undefined
    : { seq: undefined, id: row.id, reason: 'The row was inserted: no link of the chain stands for it.' }
}

/** Links of a killed process, judged as far as they continue what is stored. */
function readJournal(path: string, keyBytes: Buffer, head: ChainPoint): { waiting: number; broken: ChainBreak | undefined } {
  if (!existsSync(path)) return { waiting: 0, broken: undefined }
  const key = createSecretKey(keyBytes)
  let previous = head
  for (const { link, covered } of parseJournal(readFileSync(path, 'utf8')).entries) {
    if (link.seq <= head.seq) continue
    // A running gateway stored what was between while this was read.
    if (link.seq !== previous.seq + 1) break
    const digest = link.payload === null ? null : payloadDigest(link.payload)
    if (digest !== link.digest || !linkMac(key, previous.mac, link, covered).equals(link.mac)) {
      const reason = 'The journal of the killed process was edited.'
      return { waiting: previous.seq - head.seq, broken: { seq: link.seq, id: link.ref, reason } }
    }
    previous = link
  }
  return { waiting: previous.seq - head.seq, broken: undefined }
}
