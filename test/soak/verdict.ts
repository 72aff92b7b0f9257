import { median, shortNumber } from '../bench/statistics.ts'
import type { Holding } from './census.ts'

/** What one process held early and late in a soak. */
export interface Trend {
  readonly name: string
  readonly what: 'RSS MB' | 'handles' | 'threads' | 'children'
  readonly early: number
  readonly late: number
  readonly limit: number
}

const FIELDS = {
  rssMb: { what: 'RSS MB', slack: (early: number) => Math.max(20, early * 0.15) },
  handles: { what: 'handles', slack: () => 8 },
  threads: { what: 'threads', slack: () => 3 },
  children: { what: 'children', slack: () => 0 },
} as const

/** Whether it stayed flat. */
export const isFlat = ({ late, limit }: Trend): boolean => late <= limit

/**
 * Compare the second fifth of a soak with its last one: what comes before is warming up.
 *
 * @param censuses in the order in which they were taken; of processes that were there all the time
 */
export function trendsOf(censuses: readonly (readonly Holding[])[]): Trend[] {
  const fifth = Math.max(1, Math.floor(censuses.length / 5))
  const early = censuses.slice(fifth, 2 * fifth)
  const late = censuses.slice(-fifth)
  const names = [...new Set(late.flatMap((census) => census.map(({ name }) => name)))].filter((name) => name !== 'other')
  return names.flatMap((name) =>
    Object.entries(FIELDS).map(([key, { what, slack }]) => {
      const of = (some: readonly (readonly Holding[])[]) =>
        median(some.flatMap((census) => census.filter((one) => one.name === name).map((one) => one[key as keyof typeof FIELDS])))
      const before = of(early)
      return { name, what, early: before, late: of(late), limit: before + slack(before) }
    }),
  )
}

/** One row of the table. */
export const trendRow = (trend: Trend): Record<string, string> => ({
  process: trend.name,
  what: trend.what,
  early: shortNumber(trend.early),
  late: shortNumber(trend.late),
  limit: `≤ ${shortNumber(trend.limit)}`,
  '': isFlat(trend) ? 'flat' : 'GREW',
})
