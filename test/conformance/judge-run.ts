import { EXPECTED_FAILURES } from './expected-failures.ts'
import type { Leg } from './leg.ts'
import type { SuiteRun } from './run-suite.ts'

/** What a run of the suite says about the gateway. */
export interface Verdict {
  readonly green: number
  readonly required: number
  /** Required scenarios that fail and should not, and listed ones that do not fail any more; each with its reasons. */
  readonly surprises: readonly string[]
  /** Required scenarios that fail as listed. */
  readonly expected: readonly string[]
  /** Scenarios without a score that fail; they decide nothing. */
  readonly unscored: readonly string[]
}

/** Compare a run with what is expected of its leg; without one, nothing may fail. */
export function judgeRun(run: SuiteRun, leg?: Leg): Verdict {
  const listed = new Set(EXPECTED_FAILURES.filter(({ isOn }) => leg && isOn(leg)).map(({ scenario }) => scenario))
  const failing = run.required.filter(({ complaints }) => complaints.length > 0)
  const stale = [...listed].filter((name) => !failing.some(({ scenario }) => scenario === name))
  return {
    green: run.required.length - failing.length,
    required: run.required.length,
    surprises: [
      ...failing.filter(({ scenario }) => !listed.has(scenario)).map(told),
      ...stale.map((name) => `${name} is listed as failing and passes`),
    ],
    expected: failing.filter(({ scenario }) => listed.has(scenario)).map(({ scenario }) => scenario),
    unscored: run.unscored.filter(({ complaints }) => complaints.length > 0).map(told),
  }
}

const told = ({ scenario, complaints }: { scenario: string; complaints: readonly string[] }): string =>
  [scenario, ...complaints.map((complaint) => `  ${complaint.slice(0, 400)}`)].join('\n')
