import { cpSync } from 'node:fs'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openAuditStore } from '../../../src/module/audit/audit.store.ts'
import { callStats } from '../../../src/module/audit/call-stats.ts'
import { bucketMs, bucketOf, type Histogram, mergeInto, percentile } from '../../../src/module/audit/duration-histogram.ts'
import { auditSettings, endingOf, NOW, temporaryFolder, testWorld, visitOf } from './audit-house.ts'

const MINUTE_MS = 60_000

test('a full disk stops no counting, and ends nothing: what it did not take is written when there is room', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  const world = testWorld(':memory:', auditSettings())
  const store = await openAuditStore(world.house)
  const call = (tool: string): void => {
    const visit = visitOf(world, { tool })
    store.journal.begin(visit)
    store.journal.finish(visit, endingOf({ outcome: 'ok', durationMs: 1 }))
  }
  const setPages = (count: number): unknown => store.database.raw.pragma(`max_page_count = ${count}`)
  for (let index = 0; index < 200; index++) call(`tool-${index}`)
  store.upToDate()
  setPages(1)

  vi.advanceTimersByTime(10_000)
  setPages(1e6)
  vi.advanceTimersByTime(10_000)

  expect(world.lines).toContainEqual(expect.objectContaining({ event: 'audit.tally_failed' }))
  expect((await callStats(store.upToDate(), '1h', world.now, undefined)).calls).toBe(200)
  await store.close()
})

test('names that others make up are counted together, by kind and source', async () => {
  const world = testWorld(':memory:', auditSettings())
  const store = await openAuditStore(world.house)
  const call = (tool: string, kind: 'prompt' | 'resource' | 'request'): void => {
    const visit = visitOf(world, { tool, source: 'docs', kind })
    store.journal.begin(visit)
    store.journal.finish(visit, endingOf())
  }
  for (let index = 0; index < 20; index++) call(`resource:docs__file:///${index}`, 'resource')
  for (let index = 0; index < 10; index++) call(`request:docs__method/${index}`, 'request')
  call('prompt:docs__review', 'prompt')
  const db = store.upToDate()
  store.tally.flush()

  const { tools } = await callStats(db, '1h', world.now, undefined)
  await store.close()

  expect(tools.map(({ tool, calls }) => [tool, calls])).toEqual([
    ['resource:docs__*', 20],
    ['request:docs__*', 10],
    ['prompt:docs__review', 1],
  ])
})

test('statistics count by minute, outcome and tool, zeros included', async () => {
  const world = testWorld(':memory:', auditSettings())
  const store = await openAuditStore(world.house)
  const call = (minute: number, tool: string, outcome: 'ok' | 'forbidden', durationMs: number): void => {
    world.now = NOW + minute * MINUTE_MS
    const visit = visitOf(world, { tool })
    store.journal.begin(visit)
    store.journal.finish(visit, endingOf({ outcome, durationMs }))
  }
  call(0, 'a', 'ok', 1)
  call(0, 'a', 'ok', 1)
  call(0, 'b', 'forbidden', 100)
  call(30, 'a', 'ok', 1_000)
  const db = store.upToDate()
  store.tally.flush()

  const stats = await callStats(db, '1h', world.now, undefined)
  const ofA = await callStats(db, '24h', world.now, 'a')
  await store.close()

  expect(stats).toMatchObject({ calls: 4, failed: 1, stepMs: MINUTE_MS, until: stats.from + 60 * MINUTE_MS })
  expect(stats.series).toHaveLength(60)
  expect(
    stats.series
      .filter(({ ok, failed }) => ok + failed > 0)
      .map(({ at, ok, failed }) => [at - (NOW - (NOW % MINUTE_MS)), ok, failed]),
  ).toEqual([
    [0, 2, 1],
    [30 * MINUTE_MS, 1, 0],
  ])
  expect(stats.outcomes).toEqual([
    { outcome: 'ok', calls: 3 },
    { outcome: 'forbidden', calls: 1 },
  ])
  expect(stats.tools.map(({ tool, calls, failed }) => [tool, calls, failed])).toEqual([
    ['a', 3, 0],
    ['b', 1, 1],
  ])
  expect(ofA.calls).toBe(3)
  expect(ofA.series).toHaveLength(24)
  expect(ofA.p95Ms! / 1_000).toBeCloseTo(1, 0)
})

test('statistics lose nothing and count nothing twice when the process is killed', async () => {
  const folder = await temporaryFolder()
  const world = testWorld(folder, auditSettings())
  const store = await openAuditStore(world.house)
  const call = (): void => {
    const visit = visitOf(world)
    store.journal.begin(visit)
    store.journal.finish(visit, endingOf())
  }
  call()
  store.upToDate()
  store.tally.flush()
  call()
  store.upToDate()
  call()
  const left = await temporaryFolder()
  cpSync(folder, left, { recursive: true })
  await store.close()

  const again = await openAuditStore(testWorld(left, auditSettings()).house)
  const db = again.upToDate()
  again.tally.flush()
  const stats = await callStats(db, '1h', world.now, undefined)
  await again.close()

  expect(stats.calls).toBe(3)
})

test('names that no tool has do not make the statistics grow', async () => {
  const world = testWorld(':memory:', auditSettings())
  const store = await openAuditStore(world.house)
  for (let calls = 0; calls < 50; calls += 1) {
    const visit = visitOf(world, { tool: `guess_${calls}`, source: 'unknown' })
    store.journal.begin(visit)
    store.journal.finish(visit, endingOf({ outcome: 'not_found' }))
  }
  const db = store.upToDate()
  store.tally.flush()
  const rows = await db.selectFrom('tally').selectAll().execute()
  await store.close()

  expect(rows.map(({ tool, calls }) => [tool, calls])).toEqual([
    ['(unknown)', 50],
    ['(unknown)', 50],
  ])
})

test('a percentile is off by at most an eighth', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.95, 0.99),
      (durations, share) => {
        const histogram: Histogram = new Map()
        for (const ms of durations) mergeInto(histogram, [[bucketOf(ms), 1]])
        const exact = durations.toSorted((a, b) => a - b)[Math.ceil(durations.length * share) - 1]!

        expect(percentile(histogram, share)! / exact).toBeGreaterThan(0.87)
        expect(percentile(histogram, share)! / exact).toBeLessThan(1.13)
      },
    ),
  )
})

test('a duration below a microsecond is counted as one, and none has no percentile', () => {
  expect(bucketOf(0)).toBe(0)
  expect(bucketMs(0)).toBe(0.001)
  expect(percentile(new Map(), 0.5)).toBeUndefined()
})
