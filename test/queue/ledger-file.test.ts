import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import BetterSqlite3 from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import type { Ledger } from '../../queue/ledger/ledger.ts'
import { openLedgerFile } from '../../queue/ledger/ledger-file.ts'
import { createSqliteLedger, openSqliteLedger } from '../../queue/ledger/sqlite-ledger.ts'
import type { JobState } from '../../src/contract/queue.ts'
import { createTestLog, type LogLine } from '../support.ts'
import { batch, claim, done, NOW, newJob, newJobs } from './ledger/batch.ts'
import { add, idsOf, ROOMY, take } from './ledger/stand.ts'

let folder: string
let path: string
let lines: LogLine[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-ledger-'))
  path = join(folder, 'queue', 'function.sqlite')
  lines = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (busyTimeoutMs = 20): Promise<Ledger> =>
  openSqliteLedger({ lane: 'function', path, policy: ROOMY, log: createTestLog(lines), busyTimeoutMs })

/** A connection of another program. */
function openBeside(): BetterSqlite3.Database {
  const db = new BetterSqlite3(path)
  onTestFinished(() => void db.close())
  return db
}

describe('a file that cannot be used', () => {
  beforeEach(async () => {
    const ledger = await open()
    await add(ledger, ...newJobs(1, 500))
    await ledger.close()
  })

  test('is refused where a newer program wrote it', async () => {
    openBeside().pragma('user_version = 99')

    await expect(open()).rejects.toThrow(
      new TypeError(
        `${path} was written by a newer Gatehouse: its schema is at step 99, this program knows 1. Start the newer program, or restore a backup of the data folder.`,
      ),
    )
  })

  test('is named where it is no database', async () => {
    writeFileSync(path, 'what a broken disk gives back, '.repeat(100))

    await expect(open()).rejects.toThrow(`${path}: it is damaged, or no database at all. Restore it from a backup`)
    await expect(open()).rejects.toBeInstanceOf(TypeError)
  })

  test('is named where its pages are damaged', async () => {
    const bytes = readFileSync(path)
    bytes.fill(0x5a, 4_096)
    writeFileSync(path, bytes)

    await expect(open()).rejects.toThrow(
      `${path}: it is damaged. Restore it from a backup of the data folder; moving it away starts it anew, without its jobs (SQLITE_CORRUPT`,
    )
  })

  test('is named where another program holds it', async () => {
    openBeside().exec('begin exclusive')

    await expect(open()).rejects.toThrow(`${path}: another program holds it. End that program (SQLITE_BUSY).`)
  })

  test('is named where a folder stands in its place', async () => {
    rmSync(path)
    mkdirSync(path)

    await expect(open()).rejects.toThrow(
      `${path}: file or folder cannot be opened. Check that the user of the gateway may read and write both`,
    )
  })
})

describe('a disk that refuses while the lane runs', () => {
  const refused = (what: string) =>
    expect.objectContaining({ code: 'unavailable', message: expect.stringContaining(what), retryAfterMs: 5_000 })

  test('a full disk refuses the whole tick; what was there goes on, and all goes on when there is room', async () => {
    const db = openLedgerFile({ path })
    const ledger = createSqliteLedger(db, { lane: 'function', policy: ROOMY, log: createTestLog(lines) })
    onTestFinished(() => ledger.close())
    await add(ledger, ...newJobs(1, 3), newJob(4, { runAt: NOW + 1 }))
    const [first] = await take(ledger, 1)
    const before = { counts: ledger.counts(), leases: await ledger.leases(), due: ledger.nextDueAt(), loads: ledger.loads(9) }
    db.pragma('max_page_count = 20')

    const tooMuch = batch({
      nowMs: NOW + 5,
      settle: [done(first!)],
      add: newJobs(5, 99, { payload: 'x'.repeat(10_000) }),
      claim: [claim(9)],
    })
    await expect(ledger.commit(tooMuch)).rejects.toThrow(
      refused('The jobs of the lane function cannot be stored: the disk is full (SQLITE_FULL).'),
    )
    await expect(ledger.commit(tooMuch)).rejects.toThrow(refused('Nothing was changed; try again later.'))

    expect({ counts: ledger.counts(), leases: await ledger.leases(), due: ledger.nextDueAt(), loads: ledger.loads(9) }).toEqual(
      before,
    )
    expect(await ledger.unannounced(9)).toEqual([])
    expect(lines.map(({ event }) => event)).toEqual(['ledger_failed', 'ledger_failed'])
    db.pragma('max_page_count = 100000')
    const { settled, claimed } = await ledger.commit(tooMuch)
    expect(settled).toEqual([true])
    expect(idsOf(claimed[0]!)).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('a program that locks the file refuses a tick, and the next one finds what that program changed', async () => {
    const ledger = await open()
    onTestFinished(() => ledger.close())
    await add(ledger, ...newJobs(1, 2))
    const other = openBeside()
    other.exec('begin immediate; update job set state = 4 where id = 1')

    await expect(take(ledger, 9)).rejects.toThrow(refused('another program holds it (SQLITE_BUSY)'))
    await expect(take(ledger, 9)).rejects.toThrow(refused('another program holds it'))
    other.exec('commit')

    expect(idsOf(await take(ledger, 9))).toEqual([2])
    expect(ledger.counts()).toMatchObject({ cancelled: 1, running: 1, ready: 0 })
    expect(lines.map(({ event }) => event)).toContain('ledger_changed_by_another_program')
  })
})

test('a process that is killed in the midst of its commits loses nothing that it was told is stored', async () => {
  const told = new Map<number, JobState>()
  for (const ticks of [1, 7, 20, 33]) {
    const child = spawn(
      process.execPath,
      [new URL('process/ledger-writer.ts', import.meta.url).pathname, path, `${1_000_000 * ticks}`],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    await killAfter(child, ticks, told)
    const ledger = await open()
    await ledger.takeOver(Number.MAX_SAFE_INTEGER)

    const stored = new Map((await ledger.list({ limit: 1e9 })).map(({ id, state }) => [id, state]))
    for (const [id, state] of told) expect(REACHABLE[state], `job ${id}, told to be ${state}`).toContain(stored.get(id))
    expect((await ledger.leases()).map(({ leaseUntil }) => leaseUntil)).toEqual(
      (await ledger.leases()).map(() => Number.MAX_SAFE_INTEGER),
    )
    expect(idsOf(await ledger.unannounced(1e6)).length).toBe(ledger.counts().done)
    expect(ledger.counts()).toMatchObject(recount())
    await ledger.close()
  }
  expect([...told.values()].filter((state) => state === 'done').length).toBeGreaterThan(1_000)
}, 90_000)

/** Where a job may stand of which the last that was told is this: one tick may have been stored without anybody being told. */
const REACHABLE: Partial<Record<JobState, readonly (JobState | undefined)[]>> = {
  ready: ['ready', 'running'],
  running: ['running', 'done'],
  done: ['done'],
}

/** Remember what a writer tells, and kill it at some moment after so many ticks. */
async function killAfter(child: ChildProcess, ticks: number, told: Map<number, JobState>): Promise<void> {
  const exit = once(child, 'exit')
  let left = ticks
  for await (const line of createInterface(child.stdout!)) {
    const [added, leased, settled] = line.split(' ').map((ids) => ids.split(',').filter(Boolean).map(Number))
    for (const id of added ?? []) told.set(id, 'ready')
    for (const id of leased ?? []) told.set(id, 'running')
    for (const id of settled ?? []) told.set(id, 'done')
    left -= 1
    if (left === 0) child.kill('SIGKILL')
  }
  await exit
}

function recount(): object {
  const db = new BetterSqlite3(path, { readonly: true })
  const row = db
    .prepare<[], object>(
      'select count(*) filter (where state = 1) as ready, count(*) filter (where state = 2) as running, count(*) filter (where state = 3) as done from job',
    )
    .get()
  db.close()
  return row!
}
