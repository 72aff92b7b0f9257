import { readLeb, writeLeb } from './section.ts'

/** Limits as they are written in memory and table sections (specification 5.3.7), with no more than `cap` as their maximum. */
interface Capped {
  readonly min: number
  readonly limits: readonly number[]
  readonly endAt: number
}

/** @throws TypeError for limits of a kind that cannot be capped: shared, or with 64-bit addresses */
export function capLimits(bytes: Uint8Array, at: number, cap: number): Capped {
  const flags = bytes[at]
  if (flags !== 0 && flags !== 1) throw new TypeError('Shared memory and 64-bit addresses are not supported.')
  const min = readLeb(bytes, at + 1)
  const max = flags === 1 ? readLeb(bytes, min.endAt) : { value: cap, endAt: min.endAt }
  return { min: min.value, limits: [1, ...writeLeb(min.value), ...writeLeb(Math.min(max.value, cap))], endAt: max.endAt }
}
