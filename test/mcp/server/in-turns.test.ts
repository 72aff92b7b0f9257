import { expect, it } from 'vitest'
import { inTurns } from '../../../src/mcp/server/in-turns.ts'

it('work for many is done for each in its order, and everybody else has their turn in between', async () => {
  const done: number[] = []
  let turns = 0
  let isOver = false
  const count = (): void => {
    turns += 1
    if (!isOver) setImmediate(count)
  }
  setImmediate(count)

  await inTurns([1, 2, 3, 4, 5, 6], async (item) => {
    const startedAt = performance.now()
    while (performance.now() - startedAt < 6);
    done.push(item)
  })
  isOver = true

  expect(done).toEqual([1, 2, 3, 4, 5, 6])
  expect(turns).toBeGreaterThanOrEqual(5)
})
