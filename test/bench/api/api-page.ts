import { goalRow } from '../goal.ts'
import { median, shortNumber } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import type { ApiReport } from './api-bench.ts'
import { compared, roundsOf } from './rounds.ts'
import { LEGS, type LegName } from './stand.ts'

const NAMES: Readonly<Record<LegName, string>> = {
  bare: 'the API itself',
  proxy: 'plain Fastify + undici proxy',
  tool: 'gateway, as a tool',
  pass: 'gateway, in the API’s own shape',
}

/** The report for people, in Markdown. */
export function apiPage(report: ApiReport): string {
  const { conditions, plan, goals } = report
  const { date, machine, kernel, node, loadBefore, versions } = conditions
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `GET of one item of 300 bytes with a bearer token; ${date}`,
    `${machine}; ${kernel}; node ${node}; load average before the run ${loadBefore.join(' ')}`,
    packages.join(', '),
    `${plan.rounds} interleaved rounds of ${plan.durationMs} ms; medians. Load, API, proxy, front and worker share the machine.`,
    '',
    markdownTable(plan.inFlight.flatMap((inFlight) => LEGS.map((leg) => row(report, leg, inFlight)))),
    '',
    markdownTable(goals.map(goalRow)),
  ].join('\n')
}

function row({ results }: ApiReport, leg: LegName, inFlight: number): Record<string, string> {
  const of = (field: 'callsPerSecond' | 'p50Ms' | 'p99Ms'): string =>
    shortNumber(median(roundsOf(results, leg, inFlight).map((one) => one[field])))
  const added = (field: 'p50Ms' | 'p99Ms'): string =>
    shortNumber(compared(results, inFlight, [leg, 'bare'], (own, bare) => own[field] - bare[field]))
  return {
    'in flight': String(inFlight),
    path: NAMES[leg],
    'calls/s': of('callsPerSecond'),
    'p50 ms': of('p50Ms'),
    'p99 ms': of('p99Ms'),
    'added p50 ms': leg === 'bare' ? '' : added('p50Ms'),
    'added p99 ms': leg === 'bare' ? '' : added('p99Ms'),
  }
}
