import { EXPECTED_FAILURES } from './expected-failures.ts'
import type { Verdict } from './judge-run.ts'

interface Row {
  readonly name: string
  readonly verdict: Verdict
}

/** A table of all legs, and below it what fails and why. */
export function legTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ name }) => name.length))
  const lines = rows.map(({ name, verdict }) => `${name.padEnd(width)}  ${summary(verdict)}`)
  const listed = EXPECTED_FAILURES.filter((entry) => rows.some(({ verdict }) => verdict.expected.includes(entry)))
  return [
    ...lines,
    ...rows.flatMap(({ name, verdict }) => section(`\n${name}:`, verdict.surprises)),
    ...section(
      '\nExpected failures:',
      listed.map(({ scenario, reason }) => `${scenario}: ${reason}`),
    ),
    ...rows.flatMap(({ name, verdict }) => section(`\n${name}, not scored:`, verdict.unscored)),
    '',
  ].join('\n')
}

function summary({ green, required, surprises, expected, unscored }: Verdict): string {
  const parts = [
    `${green} of ${required} required`,
    surprises.length > 0 && `${surprises.length} unexpected`,
    expected.length > 0 && `${expected.length} expected to fail`,
    unscored.length > 0 && `${unscored.length} not scored fail`,
  ]
  return parts.filter(Boolean).join(', ')
}

const section = (heading: string, lines: readonly string[]): string[] => (lines.length > 0 ? [heading, ...lines] : [])
