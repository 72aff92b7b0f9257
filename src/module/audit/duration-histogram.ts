/** Each bucket is a quarter longer than the one before, so a percentile read from them is off by at most 12 %. */
const GROWTH = Math.log(1.25)

/** Counts by bucket. */
export type Histogram = Map<number, number>

/** The bucket of a duration; everything below a microsecond is in the first. */
export const bucketOf = (durationMs: number): number =>
  Math.max(0, Math.round(Math.log(Math.max(durationMs * 1_000, 1)) / GROWTH))

/** The duration in the middle of a bucket, in ms. */
export const bucketMs = (bucket: number): number => Math.exp(bucket * GROWTH) / 1_000

/** Add one histogram to another. */
export function mergeInto(target: Histogram, other: Iterable<readonly [number, number]>): void {
  for (const [bucket, count] of other) target.set(bucket, (target.get(bucket) ?? 0) + count)
}

/** As it is stored: `{"31":4,"32":1}`. */
export const packHistogram = (histogram: Histogram): string => JSON.stringify(Object.fromEntries(histogram))

/** The opposite of `packHistogram`. */
export const unpackHistogram = (text: string): [number, number][] =>
  Object.entries(JSON.parse(text) as Record<string, number>).map(([bucket, count]) => [Number(bucket), count])

/** A duration that `share` (0…1) of all stay below, in ms to three digits; `undefined` without any. */
export function percentile(histogram: Histogram, share: number): number | undefined {
  let total = 0
  for (const count of histogram.values()) total += count
  if (total === 0) return undefined
  let rank = Math.ceil(total * share)
  for (const bucket of [...histogram.keys()].sort((a, b) => a - b)) {
    rank -= histogram.get(bucket)!
    if (rank <= 0) return Number(bucketMs(bucket).toPrecision(3))
  }
  return undefined
}
