import type { Quantiles } from '../../src/contract/queue.ts'

/** Buckets for each doubling: a value is known within 9 %. */
const PER_DOUBLING = 8
/** From 1/8 ms to six weeks. */
const DOUBLINGS_BELOW_ONE = 3
const BUCKETS = (DOUBLINGS_BELOW_ONE + 32) * PER_DOUBLING

const SLICES = 10
const SLICE_MS = 30_000

/** Durations of the last five minutes, in a fixed amount of memory. */
export class RecentHistogram {
  readonly #slices = Array.from({ length: SLICES }, () => new Uint32Array(BUCKETS))
  #current = 0

  /** @param atMs by any clock that goes steadily */
  add(valueMs: number, atMs: number): void {
    const slice = this.#sliceAt(atMs)
    const bucket = bucketOf(valueMs)
    slice[bucket] = slice[bucket]! + 1
  }

  quantiles(atMs: number): Quantiles {
    this.#sliceAt(atMs)
    const sums = new Float64Array(BUCKETS)
    let total = 0
    for (const slice of this.#slices) {
      for (let bucket = 0; bucket < BUCKETS; bucket++) {
        sums[bucket]! += slice[bucket]!
        total += slice[bucket]!
      }
    }
    return { p50: quantile(sums, total, 0.5), p95: quantile(sums, total, 0.95), p99: quantile(sums, total, 0.99) }
  }

  /** Forgets what is older than five minutes. */
  #sliceAt(atMs: number): Uint32Array {
    const now = Math.floor(atMs / SLICE_MS)
    for (let gone = Math.max(this.#current + 1, now - SLICES + 1); gone <= now; gone++) this.#slices[gone % SLICES]!.fill(0)
    this.#current = Math.max(this.#current, now)
    return this.#slices[this.#current % SLICES]!
  }
}

const bucketOf = (valueMs: number): number =>
  Math.min(BUCKETS - 1, Math.max(0, Math.ceil((Math.log2(Math.max(valueMs, 1e-6)) + DOUBLINGS_BELOW_ONE) * PER_DOUBLING)))

/** The upper bound of the bucket in which it lies. */
function quantile(sums: Float64Array, total: number, share: number): number | null {
  if (total === 0) return null
  let left = Math.ceil(total * share)
  const bucket = sums.findIndex((count) => {
    left -= count
    return left <= 0
  })
  return Number((2 ** (bucket / PER_DOUBLING - DOUBLINGS_BELOW_ONE)).toPrecision(3))
}
