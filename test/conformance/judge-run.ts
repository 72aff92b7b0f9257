import { EXPECTED_FAILURES, type ExpectedFailure } from './expected-failures.ts'
import type { Leg } from './leg.ts'
import type { SuiteRun } from './run-suite.ts'
import type { ScenarioResult } from './suite-results.ts'

/** What a run of the suite says about the gateway. */
export interface Verdict {
  readonly green: number
  readonly required: number
  /** Required scenarios that fail and should not, and listed ones that do not fail any more; each with its reasons. */
  readonly surprises: readonly string[]
  /** What fails as listed. */
  readonly expected: readonly ExpectedFailure[]
  /** Scenarios without a score that fail; they decide nothing. */
  readonly unscored: readonly string[]
}

/** Compare a run with what is expected of its leg; without one, nothing may fail. */
export function judgeRun(run: SuiteRun, leg?: Leg): Verdict {
  const listed = EXPECTED_FAILURES.filter(({ isOn }) => leg && isOn(leg))
  const failing = run.required.filter(isFailing)
  const unlisted = failing.map((result) => ({ ...result, complaints: complaintsBut(result, listed) }))
  const [expected, stale] = [listed.filter((entry) => fails(entry, failing)), listed.filter((entry) => !fails(entry, failing))]
  return {
    green: run.required.length - failing.length,
    required: run.required.length,
    surprises: [
      ...unlisted.filter(isFailing).map(told),
      ...stale.map(({ scenario }) => `${scenario} is listed as failing and passes`),
    ],
    expected,
    unscored: run.unscored.filter(isFailing).map(told),
  }
}

const isFailing = ({ complaints }: ScenarioResult): boolean => complaints.length > 0

const isListed = (complaint: string, { checks }: ExpectedFailure): boolean =>
  checks === undefined || checks.some((check) => complaint.startsWith(`${check}: `))

const fails = (entry: ExpectedFailure, failing: readonly ScenarioResult[]): boolean =>
  failing.some(({ scenario, complaints }) => scenario === entry.scenario && complaints.some((each) => isListed(each, entry)))

const complaintsBut = ({ scenario, complaints }: ScenarioResult, listed: readonly ExpectedFailure[]): string[] =>
  complaints.filter((complaint) => !listed.some((entry) => entry.scenario === scenario && isListed(complaint, entry)))

const told = ({ scenario, complaints }: ScenarioResult): string =>
  [scenario, ...complaints.map((complaint) => `  ${complaint.slice(0, 400)}`)].join('\n')
