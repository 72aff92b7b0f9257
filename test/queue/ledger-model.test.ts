import type BetterSqlite3 from 'better-sqlite3'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Ledger, LedgerPolicy, NewJob, Settlement } from '../../queue/ledger/ledger.ts'
import { openLedgerFile } from '../../queue/ledger/ledger-file.ts'
import { createSqliteLedger } from '../../queue/ledger/sqlite-ledger.ts'
import { JOB_STATES } from '../../src/contract/queue.ts'
import { createTestLog } from '../support.ts'
import { batch, calledOff, died, done, failed, NOW, newJob, snoozed } from './ledger/batch.ts'
import { LedgerModel } from './ledger/model.ts'
import { idsOf } from './ledger/stand.ts'

const POLICY: LedgerPolicy = { perToken: 2, queuePerToken: 4, levels: 2 }

/** One ledger, what it should be, and what time it is. */
interface Run {
  ledger: Ledger
  readonly db: BetterSqlite3.Database
  readonly model: LedgerModel
  nowMs: number
}

/** Something that happens to both. */
type Step = (run: Run) => Promise<void>

const id = fc.integer({ min: 1, max: 30 })
const token = fc.constantFrom('a', 'b', 'c')

const jobs: fc.Arbitrary<NewJob[]> = fc.array(
  fc
    .record({
      id,
      token,
      level: fc.integer({ min: 0, max: 1 }),
      priority: fc.integer({ min: -1, max: 1 }),
      runAt: fc.integer({ min: NOW - 50, max: NOW + 50 }),
      key: fc.option(fc.constantFrom('x', 'y'), { freq: 5 }),
    })
    .map((fields) => newJob(fields.id, fields)),
  { maxLength: 8 },
)

const endings: fc.Arbitrary<(job: { id: number; attempt: number }) => Settlement> = fc.oneof(
  fc.constantFrom(done, died, calledOff),
  fc.integer({ min: -20, max: 50 }).map((delayMs) => (job: { id: number; attempt: number }) => failed(job, NOW + delayMs)),
  fc.integer({ min: -20, max: 50 }).map((delayMs) => (job: { id: number; attempt: number }) => snoozed(job, NOW + delayMs)),
)

/** Most attempts that end are current ones; now and then one is long over, or never was. */
const settlements = fc.array(fc.record({ pick: fc.nat(20), off: fc.constantFrom(0, 0, 0, 0, 1, -1), end: endings }), {
  maxLength: 5,
})

const free = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 })

const tick: fc.Arbitrary<Step> = fc
  .record({
    jobs,
    settlements,
    claims: fc.array(free, { maxLength: 2 }),
    byMs: fc.integer({ min: -15, max: 25 }),
    announced: fc.array(id, { maxLength: 3 }),
  })
  .map(({ jobs: add, settlements: ends, claims, byMs, announced }) => async (run) => {
    run.nowMs += byMs
    const running = run.model.in('running')
    const settle =
      running.length === 0 ? [] : ends.map(({ pick, off, end }) => end(shifted(running[pick % running.length]!, off)))
    const claim = claims.map((places, index) => ({ worker: `worker-${index}`, free: places, leaseUntil: run.nowMs + 30 }))
    const wanted = batch({ nowMs: run.nowMs, add, settle, claim, announced })
    run.model.commit(wanted, await run.ledger.commit(wanted))
  })

const shifted = ({ id: jobId, attempt }: { id: number; attempt: number }, off: number) => ({ id: jobId, attempt: attempt + off })

const act: fc.Arbitrary<Step> = fc
  .record({ jobId: id, kind: fc.constantFrom('cancel', 'retry', 'discard') })
  .map(({ jobId, kind }) => async (run) => {
    const { ledger, model, nowMs } = run
    if (kind === 'cancel') expect(await ledger.cancel(jobId, 'Not wanted.', nowMs)).toBe(model.cancel(jobId, nowMs))
    if (kind === 'retry') expect(await ledger.retry(jobId, nowMs)).toBe(model.retry(jobId, nowMs))
    if (kind === 'discard') expect(await ledger.discard(jobId, nowMs)).toBe(model.discard(jobId, nowMs))
  })

const renewal: fc.Arbitrary<Step> = fc
  .array(fc.record({ id, attempt: fc.integer({ min: 1, max: 3 }) }), { maxLength: 4 })
  .map((leases) => async (run) => {
    const until = run.nowMs + 100
    const held = leases.filter(({ id: jobId, attempt }) => {
      const job = run.model.jobs.get(jobId)
      return job?.state === 'running' && job.attempt === attempt
    })
    expect(await run.ledger.renew(leases, until)).toEqual(idsOf(leases.filter((lease) => !held.includes(lease))))
    for (const { id: jobId } of held) run.model.jobs.get(jobId)!.leaseUntil = until
  })

const limit: fc.Arbitrary<Step> = fc
  .record({ token, running: fc.option(fc.integer({ min: 0, max: 5 })), waiting: fc.option(fc.integer({ min: 0, max: 9 })) })
  .map((wanted) => async ({ ledger, model }) => {
    await ledger.setLimit(wanted)
    model.limits.set(wanted.token, wanted)
  })

const pause: fc.Arbitrary<Step> = fc.boolean().map((isPaused) => async ({ ledger, model }) => {
  await ledger.setPaused(isPaused)
  model.isPaused = isPaused
})

const purge: fc.Arbitrary<Step> = fc.integer({ min: -5, max: 30 }).map((byMs) => async ({ ledger, model }) => {
  expect(await ledger.purge({ over: NOW + byMs, dead: NOW + byMs - 3 }, 100)).toBe(model.purge(NOW + byMs, NOW + byMs - 3))
})

/** Another ledger takes the file over, as after a restart. */
const restart: fc.Arbitrary<Step> = fc.constant(async (run) => {
  run.ledger = createSqliteLedger(run.db, { lane: 'test', policy: POLICY, log: createTestLog([]) })
})

const steps = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: tick },
    { weight: 4, arbitrary: act },
    { weight: 1, arbitrary: renewal },
    { weight: 1, arbitrary: limit },
    { weight: 1, arbitrary: pause },
    { weight: 1, arbitrary: purge },
    { weight: 1, arbitrary: restart },
  ),
  { minLength: 1, maxLength: 40 },
)

async function compare({ ledger, db, model, nowMs }: Run): Promise<void> {
  const counted = db.prepare<[], { state: number; jobs: number }>('select state, count(*) as jobs from job group by state').all()
  const recounted = Object.fromEntries(
    JOB_STATES.map((state, code) => [state, counted.find((row) => row.state === code)?.jobs ?? 0]),
  )
  expect(ledger.counts()).toEqual(recounted)
  expect(recounted).toEqual(model.counts())
  expect(ledger.hasReady()).toBe(model.claimable().length > 0)
  expect(ledger.nextDueAt()).toBe(lowest(model.in('scheduled').map(({ runAt }) => runAt)))
  expect(idsOf(await ledger.leases()).sort()).toEqual(idsOf(model.in('running')).sort())
  expect(idsOf(await ledger.expired(nowMs, 100)).sort()).toEqual(
    idsOf(model.in('running').filter(({ leaseUntil }) => leaseUntil < nowMs)).sort(),
  )
  expect(idsOf(await ledger.unannounced(100)).sort()).toEqual([...model.unannounced].sort())
  for (const load of ledger.loads(9))
    expect(load.running).toBe(model.of(load.token, 0).filter(({ state }) => state === 'running').length)
  for (const table of ['payload', 'result', 'attempt']) expect(strays(db, table), `strays in ${table}`).toEqual([])
}

const lowest = (times: number[]): number | undefined => (times.length === 0 ? undefined : Math.min(...times))

const strays = (db: BetterSqlite3.Database, table: string): unknown[] =>
  db.prepare(`select * from ${table} where ${table === 'attempt' ? 'job_id' : 'id'} not in (select id from job)`).all()

test('whatever happens in whatever order, the ledger does what the rules say, and knows by heart what is in the file', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      const db = openLedgerFile({ path: ':memory:' })
      const ledger = createSqliteLedger(db, { lane: 'test', policy: POLICY, log: createTestLog([]) })
      const run: Run = { ledger, db, model: new LedgerModel(POLICY), nowMs: NOW }
      for (const step of all) {
        await step(run)
        await compare(run)
      }
      db.close()
    }),
    { numRuns: 300 },
  )
})
