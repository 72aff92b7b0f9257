import { shortNumber } from './statistics.ts'

/** A target and what was measured. */
export interface Goal {
  readonly what: string
  readonly value: number
  readonly unit: '×' | 'kB' | 'MB' | 'ms' | 'µs' | '/s'
  readonly bound: 'at least' | 'at most'
  readonly limit: number
}

/** Whether it is met; what could not be measured is not. */
export function isMet({ value, bound, limit }: Goal): boolean {
  return bound === 'at least' ? value >= limit : value <= limit
}

/** One row of the table of targets. */
export function goalRow(goal: Goal): Record<string, string> {
  const { what, value, unit, bound, limit } = goal
  const sign = bound === 'at least' ? '≥' : '≤'
  return {
    target: what,
    measured: `${shortNumber(value)} ${unit}`,
    wanted: `${sign} ${limit} ${unit}`,
    '': isMet(goal) ? 'met' : 'MISSED',
  }
}
