import { expect, test } from 'vitest'
import { NumberMap } from '../../../src/core/churn/number-map.ts'

test('does what a Map of numbers does, whatever comes and goes', () => {
  const map = new NumberMap<string>()
  const like = new Map<number, string>()
  // A linear congruential generator, so that a failure comes again.
  let seed = 1
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
    return seed % below
  }

  for (let step = 0; step < 200_000; step++) {
    const key = 1_795_299_785_000 + next(step < 100_000 ? 300 : 30)
    if (next(2) === 0) {
      map.set(key, `at ${step}`)
      like.set(key, `at ${step}`)
    } else {
      const taken = map.take(key)
      if (taken !== like.get(key)) expect(taken).toBe(like.get(key))
      like.delete(key)
    }
    if (map.size !== like.size) expect(map.size).toBe(like.size)
  }

  expect(map.values().sort()).toEqual([...like.values()].sort())
  for (const [key, value] of like) expect(map.get(key)).toBe(value)
})

test('finds nothing by what is no number', () => {
  const map = new NumberMap<string>()
  map.set(5, 'five')

  expect([map.get('5'), map.get(5.5), map.get(undefined), map.get({}), map.get(Number.NaN)]).toEqual(Array(5).fill(undefined))
  expect(map.take('5')).toBeUndefined()
  expect(map.get(5)).toBe('five')
})

test('gives all that it has, and is empty then', () => {
  const map = new NumberMap<string>()
  for (let key = 0; key < 100; key++) map.set(key, String(key))

  expect(map.takeAll()).toHaveLength(100)
  expect([map.size, map.get(7), map.values()]).toEqual([0, undefined, []])
})
