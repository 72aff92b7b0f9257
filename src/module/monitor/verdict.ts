import type { CheckResult } from './check.ts'

/** All checks in one word and one line. */
export interface Verdict {
  readonly state: 'healthy' | 'behind' | 'failing'
  /** `Healthy.`, `Falling behind: …`, `Failing: …`. */
  readonly line: string
}

/** Sum the checks up: as bad as the worst of them, and why. */
export function verdictOf(results: readonly CheckResult[]): Verdict {
  const failing = results.filter(({ state }) => state === 'failing')
  if (failing.length > 0) return { state: 'failing', line: `Failing: ${why(failing)}` }
  const behind = results.filter(({ state }) => state === 'behind')
  if (behind.length > 0) return { state: 'behind', line: `Falling behind: ${why(behind)}` }
  return { state: 'healthy', line: results.length === 0 ? 'Nothing was checked yet.' : 'Healthy.' }
}

function why([first, ...others]: readonly CheckResult[]): string {
  const more = others.length === 0 ? '' : ` And ${others.length} more.`
  return `${first!.reason}${more}`
}
