import { expect, test } from 'vitest'
import { NumberMap } from '../../../src/core/churn/number-map.ts'

/** Numbers that look random and are the same in every run. */
function createDice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const sorted = (entries: Iterable<[number, string]>): [number, string][] => [...entries].sort(([a], [b]) => a - b)

test.each([
  ['few keys', 1_795_299_785_000, 300],
  ['many small keys', 1, 20_000],
  ['many keys in µs, which follow each other', 1_763_000_000_000_000, 20_000],
])('it holds what a Map holds: %s', (_, first, keys) => {
  const dice = createDice(7)
  const map = new NumberMap<string>()
  const model = new Map<number, string>()

  for (let step = 0; step < 60_000; step++) {
    // It grows, and is emptied again.
    const isGrowing = step % 30_000 < 20_000
    const key = first + dice(keys)
    if (dice(10) < (isGrowing ? 8 : 1)) {
      map.set(key, `${step}`)
      model.set(key, `${step}`)
    } else {
      const gone = isGrowing ? key : (model.keys().next().value ?? key)
      const deleted = map.delete(gone)
      if (deleted !== model.get(gone)) throw new Error(`They differ at step ${step}.`)
      model.delete(gone)
    }
    const asked = first + dice(keys)
    if (map.get(asked) !== model.get(asked) || map.size !== model.size) throw new Error(`They differ at step ${step}.`)
  }

  expect(sorted(map.entries())).toEqual(sorted(model))
  expect(map.values().sort()).toEqual([...model.values()].sort())
})

test('it finds nothing by what is no number', () => {
  const map = new NumberMap<string>()
  map.set(5, 'five')

  expect([map.get('5'), map.get(5.5), map.get(undefined), map.get({}), map.get(Number.NaN)]).toEqual(Array(5).fill(undefined))
  expect([map.delete('5'), map.has('5'), map.has(5)]).toEqual([undefined, false, true])
})

test('what is removed while its values are walked is walked all the same', () => {
  const map = new NumberMap<string>()
  for (let key = 1; key <= 100; key++) map.set(key, `${key}`)
  let walked = 0

  for (const [key] of map.entries()) {
    map.delete(key)
    walked += 1
  }

  expect([walked, map.size, map.has(50)]).toEqual([100, 0, false])
})

test('it gives all that it has, and is empty then', () => {
  const map = new NumberMap<string>()
  for (let key = 0; key < 100; key++) map.set(key, `${key}`)

  expect(map.clear()).toHaveLength(100)
  expect([map.size, map.get(7), map.values()]).toEqual([0, undefined, []])
})
