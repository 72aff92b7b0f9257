import type BetterSqlite3 from 'better-sqlite3'
import type { Log } from '../../src/contract/house.ts'
import type { TokenLimit } from '../../src/contract/queue.ts'
import { keepLogShort } from '../sqlite/keep-log-short.ts'
import { cancelJob, discardJob, retryJob } from './act-on-job.ts'
import { commitBatch } from './commit-batch.ts'
import type { Desk } from './desk.ts'
import { createEndings } from './endings.ts'
import { listJobs, readJob } from './job-rows.ts'
import { leasesOf, renewLeases, takeOverLeases } from './leases.ts'
import type { Ledger, LedgerPolicy } from './ledger.ts'
import { unusableLedger } from './ledger-failure.ts'
import { type LedgerFile, openLedgerFile } from './ledger-file.ts'
import { purgeJobs } from './purge-jobs.ts'
import { readLimits, readStanding } from './read-standing.ts'
import { Standing } from './standing.ts'
import { STATE } from './state-code.ts'
import { prepareStatements } from './statements.ts'
import { createTransact } from './transact.ts'
import { unwatched, type WatchFile } from './watch-file.ts'

/** What a ledger in SQLite needs. */
export interface SqliteLedgerOptions extends LedgerFile {
  readonly lane: string
  readonly policy: LedgerPolicy
  readonly log: Log
  /** Who looks after the file. Default nobody. */
  readonly watch?: WatchFile
}

/**
 * Open the jobs of one lane in a SQLite file of its own, or in memory.
 *
 * One process writes it. So what decides a claim is kept in memory, and a job that gets a place at once is written once, already leased.
 *
 * @throws TypeError for a file that a newer program wrote, or that SQLite cannot use
 */
export async function openSqliteLedger(options: SqliteLedgerOptions): Promise<Ledger> {
  const db = openLedgerFile(options)
  try {
    return createSqliteLedger(db, options)
  } catch (thrown) {
    db.close()
    throw unusableLedger(options.path, thrown)
  }
}

/** A ledger on a file that is open already, and is its own from now on. */
export const createSqliteLedger = (
  db: BetterSqlite3.Database,
  options: Pick<SqliteLedgerOptions, 'lane' | 'policy' | 'log' | 'watch'>,
): Ledger => createLedger(openDesk(db, options), options)

function openDesk(db: BetterSqlite3.Database, { lane, policy }: Pick<SqliteLedgerOptions, 'lane' | 'policy'>): Desk {
  const sql = prepareStatements(db)
  flattenLevels(db, policy.levels)
  const maxId = (db.prepare('select max(id) from job').pluck().get() as number | null) ?? 0
  const desk: Desk = {
    lane,
    levels: policy.levels,
    db,
    sql,
    standing: new Standing(policy),
    endings: createEndings(db, sql),
    maxId,
  }
  readStanding(db, sql, desk.standing)
  desk.endings.read()
  return desk
}

/** A program that nests less deeply than the one before must not leave jobs that nobody claims. */
function flattenLevels(db: BetterSqlite3.Database, levels: number): void {
  const before = db.prepare("select value from setting where name = 'levels'").pluck().get() as number | undefined
  if (before === levels) return
  db.transaction(() => {
    db.prepare(`update job set level = @deepest where level > @deepest and state <= ${STATE.running}`).run({
      deepest: levels - 1,
    })
    db.prepare("insert or replace into setting (name, value) values ('levels', ?)").run(levels)
  }).immediate()
}

function createLedger(desk: Desk, { log, watch = unwatched }: Pick<SqliteLedgerOptions, 'log' | 'watch'>): Ledger {
  const leaveLog = keepLogShort(desk.db)
  const { db, standing, endings } = desk
  const file = watch({ name: `queue.${desk.lane}`, path: db.memory ? ':memory:' : db.name, raw: db })
  const transact = createTransact(desk, log, file)
  return {
    commit: async (batch) => transact(() => commitBatch(desk, batch)),
    renew: async (leases, until) => transact(() => renewLeases(desk, leases, until)),
    expired: async (nowMs, limit) => leasesOf(desk, (job) => job.leaseUntil < nowMs).slice(0, limit),
    leases: async (worker) => leasesOf(desk, (job) => worker === undefined || job.worker === worker),
    takeOver: async (until) => transact(() => takeOverLeases(desk, until)),
    nextDueAt: () => standing.dueAt,
    hasReady: () => !standing.isPaused && standing.claimable > 0,
    counts: () => ({ ...standing.counts }),
    oldestReadyAt: async () =>
      db.prepare(`select min(run_at) from job where state = ${STATE.ready}`).pluck().get() as number | null,
    loads: (limit) => standing.loads(limit),
    get: async (id) => readJob(desk, id),
    list: async (filter) => listJobs(desk, filter),
    lastId: () => desk.maxId,
    cancel: async (id, reason, nowMs) => transact(() => cancelJob(desk, id, reason, nowMs)),
    retry: async (id, nowMs) => transact(() => retryJob(desk, id, nowMs)),
    discard: async (id, nowMs) => transact(() => discardJob(desk, id, nowMs)),
    unannounced: async (limit) => endings.first(limit).map((id) => readJob(desk, id)!),
    announced: async (ids) => transact(() => ids.forEach(endings.remove)),
    purge: async (before, limit) => transact(() => purgeJobs(desk, before, limit)),
    isPaused: () => standing.isPaused,
    setPaused: async (paused) => transact(() => setPaused(desk, paused)),
    limits: async () => readLimits(db),
    setLimit: async (limit) => transact(() => setLimit(desk, limit)),
    async close() {
      await leaveLog()
      file.end()
      db.close()
    },
  }
}

function setPaused({ db, standing }: Desk, isPaused: boolean): void {
  db.prepare("insert or replace into setting (name, value) values ('paused', ?)").run(isPaused ? 1 : 0)
  standing.isPaused = isPaused
}

function setLimit({ db, standing }: Desk, limit: TokenLimit): void {
  const { token, running, waiting } = limit
  if (running === null && waiting === null) db.prepare('delete from token_limit where token = ?').run(token)
  else db.prepare('insert or replace into token_limit (token, running, waiting) values (?, ?, ?)').run(token, running, waiting)
  standing.setLimit(limit)
}
