import { expect, test } from 'vitest'
import { attemptBars } from '../../../src/module/queue/attempt-bars.ts'

const attempt = (startedAt: number, endedAt: number | null) => ({
  attempt: 1,
  startedAt,
  endedAt,
  worker: 'worker-1',
  verdict: null,
  reason: null,
})

test('attempts lie where they were between the job and its end', () => {
  const bars = attemptBars(1_000, [attempt(1_200, 1_400), attempt(1_900, 2_000)], 9_999)

  expect(bars).toMatchObject([
    { x: 200, width: 200, durationMs: 200 },
    { x: 900, width: 100, durationMs: 100 },
  ])
})

test('an attempt that runs reaches until now', () => {
  expect(attemptBars(1_000, [attempt(1_500, null)], 2_000)).toMatchObject([{ x: 500, width: 500, durationMs: 500 }])
})

test('a bar is never too thin to see, and never leaves its scale', () => {
  const bars = attemptBars(1_000, [attempt(1_000, 1_000), attempt(5_000, 5_000)], 9_999)

  expect(bars.map(({ x, width }) => [x, width])).toEqual([
    [0, 4],
    [996, 4],
  ])
})

test('a clock that was set back shows nothing before the beginning', () => {
  expect(attemptBars(1_000, [attempt(900, 800)], 9_999)).toMatchObject([{ x: 0, durationMs: 0 }])
})
