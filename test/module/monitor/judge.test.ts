import { describe, expect, test } from 'vitest'
import type { ProcessState } from '../../../src/contract/process.ts'
import type { CheckResult } from '../../../src/module/monitor/check.ts'
import { judgeLook } from '../../../src/module/monitor/judge-look.ts'
import type { Look, SeenLane } from '../../../src/module/monitor/look.ts'
import { monitorSettings } from '../../../src/module/monitor/monitor.settings.ts'
import { sparkLine } from '../../../src/module/monitor/spark-line.ts'
import { verdictOf } from '../../../src/module/monitor/verdict.ts'

const NOW = 1_700_000_000_000
const GIBIBYTE = 1_073_741_824
const settings = monitorSettings.parse({})
const NONE = { p50: null, p95: null, p99: null }

const look = (parts: Partial<Look> = {}): Look => ({
  at: NOW,
  disk: { freeBytes: 100 * GIBIBYTE, sizeBytes: 200 * GIBIBYTE },
  stores: [{ name: 'audit', slowestMs: 2, fault: null, walBytes: 0 }],
  processes: [front()],
  upstreams: [{ alias: 'files', wanted: true, state: 'connected' }],
  lanes: [lane()],
  ...parts,
})

const lane = (parts: Partial<SeenLane> = {}): SeenLane => ({
  name: 'function',
  paused: false,
  workers: 1,
  scheduled: 0,
  ready: 0,
  running: 0,
  dead: 0,
  capacity: 16,
  policy: { threads: 4, concurrency: 1 },
  oldestReadyAt: null,
  wait: NONE,
  run: NONE,
  totals: { dead: 0, lost: 0 },
  ...parts,
})

function front({
  rssBytes = 1e8,
  eventLoopDelayMs = 2,
  ...parts
}: Partial<ProcessState & NonNullable<ProcessState['vitals']>> = {}): ProcessState {
  const vitals = { startedAt: NOW, rssBytes, heapBytes: 5e7, eventLoopDelayMs, cpu: 0.1, threads: 11 }
  return { name: 'front', pid: 1, state: 'running', restarts: 0, lastEnd: null, vitals, ...parts }
}

/** What a look finds that is not ok. */
const wrong = (now: Partial<Look>, last?: Partial<Look>, earlier = last): readonly CheckResult[] =>
  judgeLook(look(now), { last: last && look(last), earlier: earlier && look(earlier) }, settings).filter(
    ({ state }) => state !== 'ok',
  )

test('everything in order is healthy', () => {
  const results = judgeLook(look(), { last: look(), earlier: look() }, settings)

  expect(results.map(({ state }) => state)).toEqual(results.map(() => 'ok'))
  expect(verdictOf(results)).toEqual({ state: 'healthy', line: 'Healthy.' })
})

test('nothing that was not checked is called healthy', () => {
  expect(verdictOf([]).line).toBe('Nothing was checked yet.')
})

test('the verdict is as bad as the worst, and says why and how much more there is', () => {
  const results = wrong({ processes: [front({ rssBytes: 2 * GIBIBYTE, eventLoopDelayMs: 5_000 })] })

  expect(verdictOf(results)).toEqual({
    state: 'failing',
    line: expect.stringMatching(/^Failing: The event loop of front .*5\.0 s/),
  })
  expect(verdictOf(results.filter(({ state }) => state === 'behind')).line).toMatch(/^Falling behind: front holds 2\.1 GB/)
})

test.each([
  ['a disk with little room', { disk: { freeBytes: GIBIBYTE, sizeBytes: 9e11 } }, 'disk', 'behind'],
  ['a disk with hardly any room', { disk: { freeBytes: 1e8, sizeBytes: 9e11 } }, 'disk', 'failing'],
  [
    'a store that takes no writes',
    { stores: [{ name: 'audit', slowestMs: 1, fault: 'SQLITE_FULL', walBytes: 0 }] },
    'store',
    'failing',
  ],
  ['a store that is slow', { stores: [{ name: 'audit', slowestMs: 900, fault: null, walBytes: 0 }] }, 'store', 'behind'],
  ['a log that grows', { stores: [{ name: 'audit', slowestMs: 1, fault: null, walBytes: GIBIBYTE }] }, 'store', 'behind'],
  ['a process that was given up', { processes: [front({ state: 'failed', lastEnd: 'signal SIGKILL' })] }, 'process', 'failing'],
  ['a process that does not answer', { processes: [front({ state: 'silent' })] }, 'process', 'failing'],
  ['a process that waits for its restart', { processes: [front({ state: 'waiting' })] }, 'process', 'behind'],
  ['a large process', { processes: [front({ rssBytes: 2 * GIBIBYTE })] }, 'memory', 'behind'],
  ['a stuck event loop', { processes: [front({ eventLoopDelayMs: 3_000 })] }, 'event_loop', 'failing'],
  ['an upstream that is down', { upstreams: [{ alias: 'files', wanted: true, state: 'error' }] }, 'upstream', 'failing'],
] as const)('%s is told', (_, now, check, state) => {
  const results = wrong(now)

  expect(results).toMatchObject([{ check, state }])
  expect(results[0]!.reason).toMatch(/^\S.*\.$/)
})

test('an event loop that is slow once had a hiccup; twice, it is behind', () => {
  const processes = [front({ eventLoopDelayMs: 300 })]

  expect(wrong({ processes }, {})).toEqual([])
  expect(wrong({ processes }, { processes })).toMatchObject([{ check: 'event_loop', state: 'behind', value: 300 }])
})

test('an upstream that is switched off is in order, whatever it does', () => {
  expect(wrong({ upstreams: [{ alias: 'files', wanted: false, state: 'error' }] })).toEqual([])
})

test('an upstream may take until the next look to connect', () => {
  const upstreams = [{ alias: 'files', wanted: true, state: 'connecting' }]

  expect(wrong({ upstreams })).toEqual([])
  expect(wrong({ upstreams }, { upstreams })).toMatchObject([{ check: 'upstream', state: 'behind' }])
})

test('data in memory has no disk to fill', () => {
  expect(
    judgeLook(look({ disk: null }), { last: undefined, earlier: undefined }, settings).map(({ check }) => check),
  ).not.toContain('disk')
})

describe('a process that was restarted', () => {
  test('is told of while it is news', () => {
    const restarted = { processes: [front({ restarts: 3, lastEnd: 'exit code 1' })] }

    expect(wrong(restarted, { processes: [front({ restarts: 1 })] })).toMatchObject([
      { check: 'process', state: 'behind', reason: 'front was restarted 2 times of late. It ended with exit code 1.' },
    ])
    expect(wrong(restarted, restarted)).toEqual([])
  })
})

describe('a lane', () => {
  test('fails when jobs wait and no worker serves it', () => {
    const alone = lane({ workers: 0, capacity: 0, ready: 2 })

    expect(wrong({ lanes: [alone] }, { lanes: [alone] })).toMatchObject([
      { check: 'lane', state: 'failing', reason: 'No worker serves the lane function, and 2 jobs of it wait.' },
    ])
  })

  test('gives workers until the next look to connect after a start', () => {
    expect(wrong({ lanes: [lane({ workers: 0 })] })).toEqual([])
    expect(wrong({ lanes: [lane({ workers: 0 })] }, { lanes: [lane({ workers: 0 })] })).toMatchObject([{ state: 'behind' }])
  })

  test('fails while jobs run out of attempts, and is forgiven once that is over', () => {
    const after = lane({ dead: 3, totals: { dead: 3, lost: 0 } })

    expect(wrong({ lanes: [after] }, { lanes: [lane({ dead: 1, totals: { dead: 1, lost: 0 } })] })).toMatchObject([
      { state: 'failing', reason: '2 jobs of the lane function ran out of attempts of late; 3 are dead.' },
    ])
    expect(wrong({ lanes: [after] }, { lanes: [after] })).toEqual([])
  })

  test('falls behind when it is full and the oldest job waits longer from look to look', () => {
    const before = { at: NOW - 30_000, lanes: [lane({ running: 4, ready: 9, oldestReadyAt: NOW - 31_000 })] }
    const worse = lane({ running: 4, ready: 20, oldestReadyAt: NOW - 5_000 })
    const better = lane({ running: 4, ready: 20, oldestReadyAt: NOW - 500 })

    expect(wrong({ lanes: [worse] }, before)).toMatchObject([
      { state: 'behind', value: 5_000, reason: expect.stringContaining('All 4 places are taken, and the oldest of 20 jobs') },
    ])
    expect(wrong({ lanes: [better] }, before)).toEqual([])
  })

  test.each([
    [11_000, 'behind'],
    [301_000, 'failing'],
  ])('whose oldest job has waited for %d ms is %s', (waitedMs, state) => {
    expect(wrong({ lanes: [lane({ ready: 1, oldestReadyAt: NOW - waitedMs })] })).toMatchObject([{ state, value: waitedMs }])
  })

  test('that is paused is behind while jobs wait, and never worse', () => {
    expect(wrong({ lanes: [lane({ paused: true })] })).toEqual([])
    expect(wrong({ lanes: [lane({ paused: true, ready: 1, oldestReadyAt: NOW - 900_000 })] })).toMatchObject([
      { state: 'behind', reason: 'The lane function is paused, and 1 job of it waits.' },
    ])
  })

  test('that lost jobs with a worker is behind while that is news', () => {
    const after = lane({ totals: { dead: 0, lost: 4 } })

    expect(wrong({ lanes: [after] }, { lanes: [lane()] })).toMatchObject([{ state: 'behind' }])
    expect(wrong({ lanes: [after] }, { lanes: [after] })).toEqual([])
  })
})

describe('a spark line', () => {
  test('is true to time and scaled to its highest value', () => {
    const { points } = sparkLine(
      [
        { at: 0, value: 0 },
        { at: 25, value: null },
        { at: 50, value: 10 },
        { at: 100, value: 5 },
      ],
      100,
    )

    expect(points).toBe('0.0,26.0 60.0,2.0 120.0,14.0')
  })

  test('needs two points', () => {
    expect(sparkLine([{ at: 0, value: 1 }], 100).points).toBe('')
  })
})
