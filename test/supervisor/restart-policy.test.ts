import { expect, test } from 'vitest'
import { nextStart, RESTART_POLICY } from '../../src/supervisor/restart-policy.ts'

const policy = { ...RESTART_POLICY, baseMs: 100, maxMs: 1_000, maxEnds: 5, windowMs: 60_000 }
const apart = (ms: number, count: number): number[] => Array.from({ length: count }, (_, index) => index * ms)

test('each restart waits twice as long as the one before, up to a limit', () => {
  const waits = [1, 2, 3, 4, 5, 6].map((count) => nextStart(apart(30_000, count), policy, 1))

  expect(waits).toEqual([100, 200, 400, 800, 1_000, 1_000])
})

test('the dice spread a wait over its upper half', () => {
  expect(nextStart([0], policy, 0)).toBe(50)
  expect(nextStart([0], policy, 0.5)).toBe(75)
})

test('the fifth end within a minute is the last', () => {
  expect(nextStart(apart(14_000, 4), policy, 0)).toBeTypeOf('number')
  expect(nextStart(apart(14_000, 5), policy, 0)).toBe('give-up')
})

test('five ends that take longer than a minute are no crash loop', () => {
  expect(nextStart(apart(15_000, 5), policy, 0)).toBeTypeOf('number')
})
