import { setImmediate as nextTurn } from 'node:timers/promises'

/** How long work for many may go on before everybody else has their turn, in ms. */
const SLICE_MS = 5

/**
 * Do something for each of many, one after the other, without holding up what else the process does.
 *
 * @param work must not throw
 */
export async function inTurns<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  let startedAt = performance.now()
  for (const item of items) {
    await work(item)
    if (performance.now() - startedAt < SLICE_MS) continue
    await nextTurn()
    startedAt = performance.now()
  }
}
