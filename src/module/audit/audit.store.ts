import { join } from 'node:path'
import type { Guards } from '../../contract/guard.ts'
import type { House } from '../../contract/house.ts'
import type { Closable } from '../../contract/module.ts'
import { Chain, type ChainPen } from '../../core/chain.ts'
import { type Database, openDatabase, storeOf } from '../../core/database.ts'
import { noJournalFile, openJournalFile } from '../../core/journal-file.ts'
import { measureAudit } from './audit.metrics.ts'
import type { AuditSettings } from './audit.settings.ts'
import { CallJournal, type OpenCall } from './call-journal.ts'
import { type AuditTables, auditMigrations, interrupted, readStart } from './call-record.ts'
import { CallTally } from './call-tally.ts'
import { createCallWriter } from './call-writer.ts'

/** The audit module at run time. */
export interface AuditStore extends Closable {
  readonly house: House<AuditSettings>
  readonly database: Database<AuditTables>
  readonly chain: Chain
  readonly journal: CallJournal
  readonly tally: CallTally
  /** Brings the database up to now before something is read from it. */
  upToDate(): Database<AuditTables>['db']
  /** Does something to the chain besides calls, after what waits to be stored. */
  commit<T>(work: (pen: ChainPen) => T): T
}

/** How often the tallies are written while calls come in, in ms. */
const TALLY_MS = 5_000

/**
 * Open the call records. Calls that an earlier process left unfinished are marked `interrupted`.
 *
 * @throws TypeError when the file was written by a newer program than this
 */
export async function openAuditStore(house: House<AuditSettings>): Promise<AuditStore> {
  const database = await openDatabase<AuditTables>({ ...storeOf(house, 'audit'), migrations: auditMigrations })
  const chain = new Chain(database.raw, house.keys.derive('ACCESS_CONTROL_KEY', 'audit-chain'))
  if (!chain.intact) house.log.error({}, 'audit.head_not_intact')
  const tally = new CallTally(database.raw, () => chain.head.seq)
  const journal = openJournal(house, database, chain, tally)
  measureAudit(house.meter, journal)
  settleOpenCalls(house, journal)
  logHead(house, chain, 'audit.opened')
  const flush = (): void => flushTally(house, tally)
  const flushing = setInterval(flush, TALLY_MS).unref()
  return {
    house,
    database,
    chain,
    journal,
    tally,
    upToDate() {
      journal.drain()
      return database.db
    },
    commit(work) {
      journal.drain()
      return chain.commit(work)
    },
    async close() {
      clearInterval(flushing)
      journal.close()
      flush()
      logHead(house, chain, 'audit.closed')
      await database.close()
    },
  }
}

/** A disk that does not take them now may later; a crash in between costs nothing, for they are counted anew. */
function flushTally({ log }: House, tally: CallTally): void {
  try {
    tally.flush()
  } catch (err) {
    log.error({ err }, 'audit.tally_failed')
  }
}

/** The door's questions to this module. Both are answered at once, but where many calls share a write. */
export const auditGuards = ({ journal, house }: AuditStore): Guards => ({
  begin: (visit) => journal.begin(visit),
  finish(visit, ending) {
    const row = journal.finish(visit, ending)
    if (row) house.events.publish('call', { id: row.id, tool: row.tool, callerId: row.caller_id, outcome: row.outcome })
    return journal.written()
  },
})

function openJournal(house: House<AuditSettings>, { raw }: Database<AuditTables>, chain: Chain, tally: CallTally): CallJournal {
  const file = house.dataDir === ':memory:' ? noJournalFile : openJournalFile(join(house.dataDir, 'audit.journal'))
  const unfinished = unfinishedCalls(raw, chain.head.mark)
  const { id: storedId } = raw.prepare('select max(id) as id from call').get() as { id: number | null }
  const lastId = Math.max(storedId ?? 0, ...unfinished.map(({ start }) => start.id), ...file.found.map(({ link }) => link.ref))
  return new CallJournal({
    chain,
    file,
    storeCall: createCallWriter(raw),
    log: house.log,
    nowMs: house.nowMs,
    payloadMaxChars: house.settings.payloadMaxChars,
    // Ids run ahead of the clock where more than a thousand things happen per second; the next process must not give them again.
    idShift: Math.max(0, lastId + 1 - house.nextId()),
    unfinished,
    stored: (row) => tally.add(row),
  })
}

/** Calls that began after the mark and have no row. */
function unfinishedCalls(raw: Database<AuditTables>['raw'], mark: number): OpenCall[] {
  const rows = raw
    .prepare(
      "select seq, content from chain where kind = 'begun' and seq > ? and not exists (select 1 from call where call.id = chain.ref) order by seq",
    )
    .all(mark) as { seq: number; content: string }[]
  return rows.map(({ seq, content }) => ({ start: readStart(content), begunSeq: seq }))
}

function settleOpenCalls({ log, nowMs }: House<AuditSettings>, journal: CallJournal): void {
  const calls = journal.abandonOpen(interrupted(nowMs()))
  if (calls > 0) log.warn({ calls }, 'audit.calls_interrupted')
  journal.drain()
}

/** Where the chain ends, for whoever keeps the server log elsewhere: `audit verify` can be told to find this point again. */
const logHead = ({ log }: House, { head }: Chain, event: string): void =>
  log.info({ link: head.seq, mac: head.mac.toString('base64url') }, event)
