import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judge } from '../../queue/judge.ts'
import type { Verdict } from '../../src/contract/lane.ts'

const NOW = 1_700_000_000_000
const RULES = { retryBaseMs: 1_000, retryMaxMs: 60_000 }
const retry: Verdict = { kind: 'retry', reason: 'The line broke.' }

describe('a verdict decides what becomes of a job', () => {
  const cases: readonly [title: string, attempt: number, verdict: Verdict, patch: object][] = [
    ['done is done', 1, { kind: 'done', result: 1 }, { state: 'done', attempt: 1, runAt: null, reason: null }],
    [
      'done on the last attempt is done',
      3,
      { kind: 'done', result: 1 },
      { state: 'done', attempt: 3, runAt: null, reason: null },
    ],
    [
      'cancel ends it, whatever attempts are left',
      1,
      { kind: 'cancel', reason: 'Never.' },
      { state: 'cancelled', attempt: 1, runAt: null, reason: 'Never.' },
    ],
    [
      'snooze gives the attempt back',
      2,
      { kind: 'snooze', delayMs: 500 },
      { state: 'scheduled', attempt: 1, runAt: NOW + 500, reason: null },
    ],
    [
      'snooze on the last attempt does not kill',
      3,
      { kind: 'snooze', delayMs: 0 },
      { state: 'scheduled', attempt: 2, runAt: NOW, reason: null },
    ],
    [
      'retry waits for the base, less jitter',
      1,
      retry,
      { state: 'scheduled', attempt: 1, runAt: NOW + 750, reason: 'The line broke.' },
    ],
    [
      'the second retry waits twice as long',
      2,
      retry,
      { state: 'scheduled', attempt: 2, runAt: NOW + 1_500, reason: 'The line broke.' },
    ],
    [
      'a task that knows better says when',
      2,
      { ...retry, afterMs: 7 },
      { state: 'scheduled', attempt: 2, runAt: NOW + 7, reason: 'The line broke.' },
    ],
    [
      'the last attempt that fails is the death of the job',
      3,
      retry,
      { state: 'dead', attempt: 3, runAt: null, reason: 'The line broke.' },
    ],
    [
      'even where the task said when',
      3,
      { ...retry, afterMs: 7 },
      { state: 'dead', attempt: 3, runAt: null, reason: 'The line broke.' },
    ],
    ['an attempt beyond the last is no other', 4, retry, { state: 'dead', attempt: 4, runAt: null, reason: 'The line broke.' }],
  ]
  test.each(cases)('%s', (_, attempt, verdict, patch) => {
    expect(judge({ attempt, maxAttempts: 3 }, verdict, RULES, NOW, 0.5)).toEqual(patch)
  })
})

test('the wait before the next attempt doubles up to its limit, and half of it is left to chance', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5_000 }),
      fc.integer({ min: 1, max: 60_000 }),
      fc.integer({ min: 0, max: 3_600_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (attempt, retryBaseMs, more, random) => {
        const retryMaxMs = retryBaseMs + more
        const waitMs = judge({ attempt, maxAttempts: attempt + 1 }, retry, { retryBaseMs, retryMaxMs }, NOW, random).runAt! - NOW
        const fullMs = attempt > 40 ? retryMaxMs : Math.min(retryMaxMs, retryBaseMs * 2 ** (attempt - 1))

        expect(Number.isInteger(waitMs)).toBe(true)
        expect(waitMs).toBeGreaterThanOrEqual(Math.floor(fullMs / 2))
        expect(waitMs).toBeLessThanOrEqual(fullMs)
      },
    ),
  )
})

test('two jobs that failed together do not come back together', () => {
  const runAt = (random: number): number => judge({ attempt: 5, maxAttempts: 9 }, retry, RULES, NOW, random).runAt!

  expect([runAt(0), runAt(0.25), runAt(1)]).toEqual([NOW + 8_000, NOW + 10_000, NOW + 16_000])
})
