import { getRandomValues } from 'node:crypto'

/**
 * Dice of one run: 0 to 1, like `Math.random`. The same seed gives the same numbers for ever; null gives dice that nothing else throws, so that
 * no run can guess another's.
 *
 * sfc32 by Chris Doty-Humphrey (PractRand), public domain.
 */
export function diceOf(seed: number | null): () => number {
  const state =
    seed === null ? getRandomValues(new Uint32Array(4)) : Uint32Array.of(seed, Math.floor(seed / 2 ** 32), 0x9e3779b9, 1)
  const next = (): number => {
    const [a, b, c, counter] = state as unknown as [number, number, number, number]
    const sum = (a + b + counter) >>> 0
    state[0] = b ^ (b >>> 9)
    state[1] = c + (c << 3)
    state[2] = ((c << 21) | (c >>> 11)) + sum
    state[3] = counter + 1
    return sum
  }
  for (let round = 0; round < 12; round += 1) next()
  return () => (next() * 2 ** 21 + (next() >>> 11)) / 2 ** 53
}
