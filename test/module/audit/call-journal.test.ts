import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/contract/fault.ts'
import { Chain } from '../../../src/core/chain.ts'
import { openDatabase } from '../../../src/core/database.ts'
import { type JournalFile, noJournalFile } from '../../../src/core/journal-file.ts'
import { type AuditStore, auditGuards, openAuditStore } from '../../../src/module/audit/audit.store.ts'
import { CallJournal } from '../../../src/module/audit/call-journal.ts'
import { type AuditTables, auditMigrations } from '../../../src/module/audit/call-record.ts'
import { createCallWriter } from '../../../src/module/audit/call-writer.ts'
import { callDetail } from '../../../src/module/audit/shown-call.ts'
import { verifyStore } from '../../../src/module/audit/verify-audit.ts'
import { auditSettings, endingOf, KEYS, NOW, type TestWorld, temporaryFolder, testWorld, visitOf } from './audit-house.ts'

const DISK_FULL = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' })

/** A journal over a real database and a file whose disk may fill up. */
async function journalOn(file: JournalFile = noJournalFile) {
  const world = testWorld(':memory:', auditSettings())
  const database = await openDatabase<AuditTables>({ path: ':memory:', migrations: auditMigrations })
  const journal = new CallJournal({
    chain: new Chain(database.raw, KEYS.derive('ACCESS_CONTROL_KEY', 'audit-chain')),
    file,
    storeCall: createCallWriter(database.raw),
    log: world.house.log,
    nowMs: world.house.nowMs,
    payloadMaxChars: 16_384,
    idShift: 0,
    unfinished: [],
    stored: () => undefined,
  })
  return { world, database, journal }
}

const rowsOf = (store: AuditStore) => store.upToDate().selectFrom('call').selectAll().orderBy('id').execute()

/** What a killed process leaves: a copy of its files as they are now. */
async function crash(folder: string, store: AuditStore): Promise<string> {
  const left = await temporaryFolder()
  cpSync(folder, left, { recursive: true })
  await store.close()
  return left
}

async function openStore(folder: string): Promise<{ world: TestWorld<ReturnType<typeof auditSettings>>; store: AuditStore }> {
  const world = testWorld(folder, auditSettings())
  return { world, store: await openAuditStore(world.house) }
}

describe('the journal of calls', () => {
  test('has a beginning in the file before the tool runs, and the ending before the caller is answered', async () => {
    const folder = await temporaryFolder()
    const { world, store } = await openStore(folder)
    const visit = visitOf(world, { arguments: { path: '/etc/motd' } })

    store.journal.begin(visit)
    const begun = readFileSync(join(folder, 'audit.journal'), 'utf8')
    store.journal.finish(visit, endingOf())
    const finished = readFileSync(join(folder, 'audit.journal'), 'utf8')
    await store.close()

    expect(begun).toContain('/etc/motd')
    expect(begun).not.toContain('"finished"')
    expect(finished).toContain('"finished"')
    expect(readFileSync(join(folder, 'audit.journal'), 'utf8')).toBe('')
  })

  test('knows after a crash what was part of which call', async () => {
    const folder = await temporaryFolder()
    const { world, store } = await openStore(folder)
    const parent = visitOf(world)
    const [ended, open] = [visitOf(world, { parentId: parent.id }), visitOf(world, { parentId: parent.id })]
    for (const visit of [parent, ended, open]) store.journal.begin(visit)
    store.journal.finish(ended, endingOf())

    const again = await openStore(await crash(folder, store))
    const rows = await rowsOf(again.store)
    const later = visitOf(again.world, { parentId: parent.id })
    again.store.journal.begin(later)
    const [running] = [...again.store.journal.open]
    await again.store.close()

    expect(rows.map(({ id, parent_id }) => [id, parent_id])).toEqual([
      [parent.id, null],
      [ended.id, parent.id],
      [open.id, parent.id],
    ])
    // Ids of visits begin anew, and with them those of what they are part of.
    expect(running!.start.id - later.id).toBe(running!.start.parent_id! - parent.id)
  })

  test('brings what came together into the database together', async () => {
    const { world, database, journal } = await journalOn()
    const visits = Array.from({ length: 30 }, () => visitOf(world))

    for (const visit of visits) journal.begin(visit)
    for (const visit of visits) journal.finish(visit, endingOf())
    await new Promise((resolve) => setTimeout(resolve, 0))
    const before = journal.commits
    await expect.poll(() => journal.commits).toBe(before + 1)

    expect(database.raw.prepare('select count(*) as count from call').get()).toEqual({ count: 30 })
    expect(database.raw.prepare('select count(*) as count from chain').get()).toEqual({ count: 60 })
  })

  test('does not wait for the clock once a batch is full', async () => {
    const { world, database, journal } = await journalOn()

    for (let calls = 0; calls < 256; calls += 1) journal.begin(visitOf(world))
    await new Promise((resolve) => setImmediate(resolve))

    expect(journal.commits).toBe(1)
    expect(database.raw.prepare('select count(*) as count from chain').get()).toEqual({ count: 256 })
  })

  test('refuses a call that cannot be written down, and lets the next one in when the disk has room again', async () => {
    let full = true
    const file: JournalFile = {
      ...noJournalFile,
      append() {
        if (full) throw DISK_FULL
      },
    }
    const { world, database, journal } = await journalOn(file)
    const refused = visitOf(world)

    expect(() => journal.begin(refused)).toThrow(expect.objectContaining({ code: 'unavailable' }))
    expect(journal.finish(refused, endingOf({ outcome: 'unavailable' }))).toBeUndefined()
    full = false
    const visit = visitOf(world)
    journal.begin(visit)
    journal.finish(visit, endingOf())
    journal.drain()

    expect(world.lines.map(({ event }) => event)).toEqual(['audit.journal_failed'])
    expect(database.raw.prepare('select id from call').all()).toEqual([{ id: visit.id }])
    expect(await verifyStore('audit', database.raw, KEYS, {})).toMatchObject({ ok: true, links: 2 })
  })

  test('answers a call whose ending the disk does not take, logs it, and brings the ending into the database all the same', async () => {
    let full = false
    const file: JournalFile = {
      ...noJournalFile,
      append() {
        if (full) throw DISK_FULL
      },
    }
    const { world, database, journal } = await journalOn(file)
    const visit = visitOf(world)
    journal.begin(visit)
    full = true

    expect(journal.finish(visit, endingOf())).toMatchObject({ id: visit.id, outcome: 'ok' })
    journal.drain()

    expect(world.lines.map(({ event }) => event)).toEqual(['audit.journal_failed'])
    expect(database.raw.prepare('select outcome from call').all()).toEqual([{ outcome: 'ok' }])
    expect(await verifyStore('audit', database.raw, KEYS, {})).toMatchObject({ ok: true })
  })

  test('writes what a crowd of calls does in one turn in one go, and lets nobody pass before', async () => {
    const writes: number[] = []
    const file: JournalFile = { ...noJournalFile, append: (entries) => void writes.push(entries.length) }
    const { world, journal } = await journalOn(file)
    const visits = Array.from({ length: 20 }, () => visitOf(world))

    const begun = visits.map((visit) => journal.begin(visit))
    const alone = writes.length
    const waiting = begun.filter((waits) => waits !== undefined)
    await Promise.all(waiting)
    const crowded = writes.slice(alone)
    journal.finish(visits[0]!, endingOf())
    const beforeEnding = writes.length
    await journal.written()

    expect(crowded).toEqual([waiting.length])
    expect(alone + waiting.length).toBe(20)
    expect(writes).toHaveLength(beforeEnding + 1)
    expect(journal.written()).toBeUndefined()
  })

  test('refuses every call of a crowd that the disk does not take, and records the refusals when it can', async () => {
    let full = false
    const file: JournalFile = {
      ...noJournalFile,
      append() {
        if (full) throw DISK_FULL
      },
    }
    const { world, database, journal } = await journalOn(file)
    const visits = Array.from({ length: 12 }, () => visitOf(world))
    const early = visits.slice(0, 8)
    const late = visits.slice(8)
    for (const visit of early) journal.begin(visit)
    full = true

    const outcomes = await Promise.allSettled(late.map((visit) => journal.begin(visit)))
    for (const visit of late) journal.finish(visit, endingOf({ outcome: 'unavailable' }))
    await journal.written()
    journal.drain()

    expect(outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as Fault).code)).toEqual(
      late.map(() => 'unavailable'),
    )
    expect(database.raw.prepare('select outcome from call').all()).toEqual(late.map(() => ({ outcome: 'unavailable' })))
    expect(await verifyStore('audit', database.raw, KEYS, {})).toMatchObject({ ok: true, links: 16 })
  })

  test('keeps what the database does not take and stores it later, then refuses calls when too much waits', async () => {
    const { world, database, journal } = await journalOn()
    database.raw.exec("create trigger full before insert on chain begin select raise(abort, 'disk full'); end")
    const visit = visitOf(world)
    journal.begin(visit)
    journal.finish(visit, endingOf())

    expect(journal.drain()).toBe(false)
    for (let calls = 0; calls < 9_998; calls += 1) journal.begin(visitOf(world))
    expect(() => journal.begin(visitOf(world))).toThrow(Fault)
    database.raw.exec('drop trigger full')

    expect(journal.drain()).toBe(true)
    expect(world.lines.map(({ event }) => event)).toEqual(['audit.write_failed'])
    expect(database.raw.prepare('select count(*) as count from chain').get()).toEqual({ count: 10_000 })
    expect(await verifyStore('audit', database.raw, KEYS, {})).toMatchObject({ ok: true })
  })

  test('marks calls as interrupted that a killed process left, wherever they were, and keeps those that had finished', async () => {
    const folder = await temporaryFolder()
    const first = await openStore(folder)
    const [stored, hanging, late] = [visitOf(first.world), visitOf(first.world), visitOf(first.world)]
    first.store.journal.begin(stored)
    first.store.journal.begin(hanging)
    first.store.journal.finish(stored, endingOf())
    first.store.upToDate()
    first.store.journal.begin(late)
    const last = visitOf(first.world)
    first.store.journal.begin(last)
    first.store.journal.finish(last, endingOf({ outcome: 'tool_error' }))
    const left = await crash(folder, first.store)

    const { world, store } = await openStore(left)
    const rows = await rowsOf(store)
    const report = await verifyStore('audit', store.database.raw, KEYS, {})
    await store.close()

    expect(rows.map(({ id, outcome }) => [id, outcome])).toEqual([
      [stored.id, 'ok'],
      [hanging.id, 'interrupted'],
      [late.id, 'interrupted'],
      [last.id, 'tool_error'],
    ])
    expect(report).toMatchObject({ ok: true, gaps: [] })
    expect(world.lines.find(({ event }) => event === 'audit.calls_interrupted')?.fields).toMatchObject({ calls: 2 })
  })

  test('does not mark anything twice when it is killed again and again', async () => {
    let folder = await temporaryFolder()
    for (let round = 0; round < 4; round += 1) {
      const { world, store } = await openStore(folder)
      world.now += round
      store.journal.begin(visitOf(world))
      folder = await crash(folder, store)
    }

    const { store } = await openStore(folder)
    const rows = await rowsOf(store)
    const report = await verifyStore('audit', store.database.raw, KEYS, {})
    await store.close()

    expect(rows.map(({ outcome }) => outcome)).toEqual(['interrupted', 'interrupted', 'interrupted', 'interrupted'])
    expect(report).toMatchObject({ ok: true, links: 8 })
  })

  test('ignores the half entry that a process left when it was killed while writing', async () => {
    const first = await temporaryFolder()
    const { world, store } = await openStore(first)
    store.journal.begin(visitOf(world))
    const folder = await crash(first, store)
    const path = join(folder, 'audit.journal')
    const whole = readFileSync(path, 'utf8')

    for (const torn of ['[9', whole.slice(0, 40), whole.slice(0, -1)]) {
      const left = await temporaryFolder()
      cpSync(folder, left, { recursive: true })
      writeFileSync(join(left, 'audit.journal'), whole + torn)
      const again = await openStore(left)
      again.store.journal.begin(visitOf(again.world))
      const last = await openStore(await crash(left, again.store))
      const report = await verifyStore('audit', last.store.database.raw, KEYS, {})
      const rows = await rowsOf(last.store)
      await last.store.close()

      expect(report).toMatchObject({ ok: true, gaps: [] })
      expect(rows.map(({ outcome }) => outcome)).toEqual(['interrupted', 'interrupted'])
    }
  })

  test('says that the journal was edited instead of signing it', async () => {
    const folder = await temporaryFolder()
    const first = await openStore(folder)
    first.store.journal.begin(visitOf(first.world, { arguments: { path: '/secret/plan' } }))
    const left = await crash(folder, first.store)
    const path = join(left, 'audit.journal')
    writeFileSync(path, readFileSync(path, 'utf8').replace('/secret/plan', '/public/plan'))

    const { world, store } = await openStore(left)
    const report = await verifyStore('audit', store.database.raw, KEYS, {})
    await store.close()

    expect(world.lines.map(({ event }) => event)).toContain('audit.journal_gap')
    expect(report.ok).toBe(false)
    expect(report.gaps).toHaveLength(1)
  })

  test('starts with a damaged journal, says that something is missing, and keeps what cannot be read', async () => {
    const folder = await temporaryFolder()
    const first = await openStore(folder)
    for (let call = 0; call < 3; call += 1) first.store.journal.begin(visitOf(first.world))
    const left = await crash(folder, first.store)
    const path = join(left, 'audit.journal')
    const [head = '', ...rest] = readFileSync(path, 'utf8').split('\n[2,')
    writeFileSync(path, `${head}\n[two,${rest.join('\n[2,')}`)

    const { world, store } = await openStore(left)
    const rows = await rowsOf(store)
    const report = await verifyStore('audit', store.database.raw, KEYS, {})
    await store.close()

    expect(rows.map(({ outcome }) => outcome)).toEqual(['interrupted'])
    expect(world.lines.map(({ event }) => event)).toContain('audit.journal_gap')
    expect(report.gaps).toHaveLength(1)
    expect(readFileSync(`${path}.unread`, 'utf8')).toMatch(/^\[two,/)
  })

  test('starts with a journal whose entries were overwritten by something else', async () => {
    const folder = await temporaryFolder()
    writeFileSync(
      join(folder, 'audit.journal'),
      '[1,2,"begun",3,null,"AA",5,-1,0]\nhello\n[2,2,"finished",3,null,"AA",-1,-1,2]\n{}\n',
    )

    const { world, store } = await openStore(folder)
    store.journal.begin(visitOf(world))
    const report = await verifyStore('audit', store.upToDate() && store.database.raw, KEYS, {})
    await store.close()

    expect(report).toMatchObject({ broken: undefined })
    expect(report.gaps.length).toBeGreaterThan(0)
  })

  test('gives ids that do not repeat after a restart, even when they had run ahead of the clock', async () => {
    const folder = await temporaryFolder()
    const first = await openStore(folder)
    for (let calls = 0; calls < 50; calls += 1) {
      const visit = visitOf(first.world)
      first.store.journal.begin(visit)
      first.store.journal.finish(visit, endingOf())
    }
    await first.store.close()

    const { world, store } = await openStore(folder)
    const visit = visitOf(world)
    store.journal.begin(visit)
    store.journal.finish(visit, endingOf())
    const rows = await rowsOf(store)
    await store.close()

    expect(visit.id).toBeLessThan(NOW + 50)
    expect(new Set(rows.map(({ id }) => id)).size).toBe(51)
  })

  test('announces a call once it is written down', async () => {
    const world = testWorld(':memory:', auditSettings())
    const store = await openAuditStore(world.house)
    const { begin, finish } = auditGuards(store)
    const visit = visitOf(world)

    await begin!(visit)
    expect(world.calls).toEqual([])
    await finish!(visit, endingOf())
    await store.close()

    expect(world.calls).toEqual([{ id: visit.id, tool: 'files__read', callerId: 'user:1', outcome: 'ok' }])
  })

  test('keeps spans, arguments and answer of a call, and no secret of it', async () => {
    const world = testWorld(':memory:', auditSettings())
    const store = await openAuditStore(world.house)
    const visit = visitOf(world, { arguments: { user: 'ada', password: 'zq1', pin: 'zq2' }, secret: ['pin'] })
    store.journal.begin(visit)
    store.journal.finish(
      visit,
      endingOf({ answer: { kind: 'relay', result: { content: [{ type: 'text', text: '{"token":"zq3"}' }] } } }),
    )

    const detail = await callDetail(store, visit.id)
    await store.close()

    expect(detail).toMatchObject({
      outcome: 'ok',
      durationMs: 1.25,
      spans: [
        { stage: 'find', startUs: 0, durationUs: 3 },
        { stage: 'run', startUs: 3, durationUs: 1_200 },
      ],
      request: { user: 'ada', password: '[redacted]', pin: '[redacted]' },
      response: { content: [{ type: 'text', text: '{"token":"[redacted]"}' }] },
      payloadsPurged: false,
    })
    expect(JSON.stringify(detail)).not.toContain('zq')
  })

  test('keeps its chain whole whatever texts calls bring along, over a crash as well', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({
            requestId: fc.string({ unit: 'binary', maxLength: 20 }),
            tool: fc.string({ unit: 'binary', minLength: 1, maxLength: 20 }),
            arguments: fc.jsonValue(),
            message: fc.option(fc.string({ unit: 'binary', maxLength: 40 }), { nil: undefined }),
            finished: fc.boolean(),
            durationMs: fc.double({ min: 0, max: 1e7, noNaN: true }),
          }),
          { minLength: 1, maxLength: 8 },
        ),
        async (calls) => {
          const folder = await temporaryFolder()
          const { world, store } = await openStore(folder)
          for (const { finished, message, durationMs, ...call } of calls) {
            const visit = visitOf(world, { ...call, caller: `\ud83d${call.tool}` })
            store.journal.begin(visit)
            if (finished)
              store.journal.finish(
                visit,
                endingOf({ message: message === undefined ? undefined : `${message}\udc00\0`, durationMs }),
              )
          }
          const again = await openStore(await crash(folder, store))
          const report = await verifyStore('audit', again.store.database.raw, KEYS, {})
          await again.store.close()

          expect(report).toMatchObject({ ok: true, gaps: [], broken: undefined, links: calls.length * 2 })
        },
      ),
      { numRuns: 40 },
    )
  })
})
