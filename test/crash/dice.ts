/** Dice that fall the same for the same seed: 0 to 1. */
export type Dice = () => number

/** Tommy Ettinger's mulberry32: small, and random enough for choosing victims. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** One of some. */
export const pick = <T>(dice: Dice, from: readonly T[]): T => from[Math.floor(dice() * from.length)]!

/** A whole number from `low` to `high`. */
export const between = (dice: Dice, low: number, high: number): number => Math.floor(low + dice() * (high - low + 1))
