import { statSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { expect, onTestFinished, test, vi } from 'vitest'
import { keepLogShort, type LogLengths } from '../../queue/sqlite/keep-log-short.ts'

const ROW = 'x'.repeat(1_000)
const MIB = 1024 * 1024

const PATIENT: LogLengths = { longBytes: 4 * MIB, tooLongBytes: 64 * MIB }
const IMPATIENT: LogLengths = { longBytes: MIB, tooLongBytes: 2 * MIB }

async function openFile(lengths: LogLengths = PATIENT) {
  const dir = await mkdtemp(join(tmpdir(), 'gatehouse-log-'))
  const db = new BetterSqlite3(join(dir, 'a.sqlite'))
  db.pragma('journal_mode = WAL')
  db.exec('create table row (id integer primary key, text text)')
  const leave = keepLogShort(db, lengths)
  onTestFinished(async () => {
    await leave()
    db.close()
    await rm(dir, { recursive: true, force: true })
  })
  const insert = db.prepare('insert into row (text) values (?)')
  const write = db.transaction((count: number) => {
    for (let at = 0; at < count; at++) insert.run(ROW)
  })
  const standing = db.prepare('PRAGMA wal_checkpoint(NOOP)')
  return {
    db,
    leave,
    write,
    logBytes: () => statSync(`${db.name}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    bytesInUse: () => (standing.get() as { log: number }).log * 4_096,
  }
}

/** Resolves when less than this of the log is in use. Each write looks whether it may begin anew; between two there is a pause. */
const shorterThan = ({ write, bytesInUse }: Awaited<ReturnType<typeof openFile>>, bytes: number): Promise<void> =>
  vi.waitFor(
    () => {
      write(1)
      expect(bytesInUse()).toBeLessThan(bytes)
    },
    { timeout: 10_000, interval: 600 },
  )

test('a long log is worked off, over and over, without a checkpoint of the writer', async () => {
  const file = await openFile()
  for (let round = 0; round < 3; round++) {
    file.write(9_000)
    expect(file.bytesInUse()).toBeGreaterThan(8 * MIB)

    await shorterThan(file, 5 * MIB)
  }
  expect(file.db.prepare('select count(*) from row').pluck().get()).toBeGreaterThan(27_000)
})

test('a log that was worked off is written over, and as long as before', async () => {
  const file = await openFile()
  file.write(9_000)
  const bytes = file.logBytes()

  await shorterThan(file, MIB)

  expect(bytes).toBeGreaterThan(8 * MIB)
  expect(file.logBytes()).toBeGreaterThanOrEqual(bytes)
})

test('a log that nobody writes to is left alone, and a short one as well', async () => {
  const file = await openFile()
  file.write(100)

  await file.leave()

  expect(file.logBytes()).toBeGreaterThan(0)
})

test('a writer that never pauses begins its log anew as well', async () => {
  const file = await openFile(IMPATIENT)
  const lengths: number[] = []
  let isWriting = true
  const written = (async () => {
    while (isWriting) {
      file.write(2)
      lengths.push(file.bytesInUse())
      await new Promise(setImmediate)
    }
  })()

  await vi.waitFor(() => expect(lengths.filter((bytes, at) => bytes < lengths[at - 1]!).length).toBeGreaterThan(1), 10_000)

  isWriting = false
  await written
})

test('a writer is made to work off what the background cannot', async () => {
  const file = await openFile(IMPATIENT)
  const checkpoints = vi.spyOn(file.db, 'pragma')
  const reader = new BetterSqlite3(file.db.name, { readonly: true })
  onTestFinished(() => void reader.close())
  // A reader of old pages keeps the log from being worked off whole.
  const open = reader.prepare('select id from row').iterate()
  file.write(1)
  open.next()
  file.write(5_000)

  await vi.waitFor(() => expect(checkpoints).toHaveBeenCalledWith('wal_checkpoint(PASSIVE)'), 5_000)

  open.return?.()
  await shorterThan(file, 2 * MIB)
})

test('a disk that takes no checkpoint ends nothing: it is tried again', async () => {
  const file = await openFile(IMPATIENT)
  const reader = new BetterSqlite3(file.db.name, { readonly: true })
  onTestFinished(() => void reader.close())
  const open = reader.prepare('select id from row').iterate()
  file.write(1)
  open.next()
  file.write(5_000)
  const refused = vi.spyOn(file.db, 'pragma').mockImplementation(() => {
    throw new BetterSqlite3.SqliteError('database or disk is full', 'SQLITE_FULL')
  })

  await vi.waitFor(() => expect(refused.mock.calls.length).toBeGreaterThan(1), 5_000)

  refused.mockRestore()
  open.return?.()
  await shorterThan(file, 2 * MIB)
})

test('leaving waits for what is under way, so that the file can be closed and its log goes with it', async () => {
  const file = await openFile()
  file.write(9_000)
  await shorterThan(file, 5 * MIB)

  await file.leave()
  file.db.close()

  expect(file.logBytes()).toBe(0)
})
