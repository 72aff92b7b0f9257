/** Width and height of a spark line in its own units. */
const WIDTH = 120
const HEIGHT = 28

/** A small line without axes, as the points of an SVG polyline. */
export interface SparkLine {
  /** `0,28 60,3 …`; empty for fewer than two points. */
  readonly points: string
  readonly viewBox: string
}

/** Draw values from the first of them until now, from zero to the highest. Gaps are skipped, time is true to scale. */
export function sparkLine(samples: readonly { readonly at: number; readonly value: number | null }[], until: number): SparkLine {
  const known = samples.flatMap(({ at, value }) => (value === null ? [] : [{ at, value }]))
  const from = known[0]?.at ?? until
  const highest = Math.max(1e-9, ...known.map(({ value }) => value))
  const place = ({ at, value }: { readonly at: number; readonly value: number }): string => {
    const x = (WIDTH * Math.min(1, Math.max(0, (at - from) / Math.max(1, until - from)))).toFixed(1)
    const y = (HEIGHT - 2 - (HEIGHT - 4) * (value / highest)).toFixed(1)
    return `${x},${y}`
  }
  return { points: known.length < 2 ? '' : known.map(place).join(' '), viewBox: `0 0 ${WIDTH} ${HEIGHT}` }
}
