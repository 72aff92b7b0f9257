import { expect, test } from 'vitest'
import { IdMap } from '../../queue/id-map.ts'

interface Thing {
  readonly name: string
}

/** Numbers that look random and are the same in every run. */
function createDice(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const sorted = (entries: Iterable<[number, Thing]>): [number, Thing][] => [...entries].sort(([a], [b]) => a - b)

test.each([
  ['small ids', 1],
  ['ids in µs, which follow each other', 1_763_000_000_000_000],
])('it holds what a Map holds: %s', (_, first) => {
  const dice = createDice(7)
  const map = new IdMap<Thing>()
  const model = new Map<number, Thing>()

  for (let step = 0; step < 60_000; step++) {
    // It grows to some ten thousand, and is emptied again.
    const isGrowing = step % 30_000 < 20_000
    const id = first + dice(20_000)
    if (dice(10) < (isGrowing ? 8 : 1)) {
      const thing = { name: `${step}` }
      map.set(id, thing)
      model.set(id, thing)
    } else {
      const gone = isGrowing ? id : (model.keys().next().value ?? id)
      map.delete(gone)
      model.delete(gone)
    }
    const asked = first + dice(20_000)
    if (map.get(asked) !== model.get(asked) || map.size !== model.size) throw new Error(`They differ at step ${step}.`)
  }

  expect(sorted(map.entries())).toEqual(sorted(model))
  expect(new Set(map.values())).toEqual(new Set(model.values()))
})

test('what is removed while its values are walked is walked all the same', () => {
  const map = new IdMap<Thing>()
  for (let id = 1; id <= 100; id++) map.set(id, { name: `${id}` })
  let walked = 0

  for (const [id] of map.entries()) {
    map.delete(id)
    walked += 1
  }

  expect([walked, map.size, map.has(50)]).toEqual([100, 0, false])
})

test('it can be emptied at once', () => {
  const map = new IdMap<Thing>()
  for (let id = 1; id <= 100; id++) map.set(id, { name: `${id}` })

  map.clear()

  expect([map.size, map.values(), map.get(7)]).toEqual([0, [], undefined])
})
