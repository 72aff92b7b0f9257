import { goalRow } from '../goal.ts'
import { median, shortNumber } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import type { McpReport } from './mcp-bench.ts'
import { type Results, ratio, roundsOf } from './rounds.ts'
import { LEGS, type LegName } from './stand.ts'

/** What each leg is held against in the last column. */
const BASELINE: Readonly<Record<LegName, LegName>> = {
  direct: 'direct',
  gatehouse: 'direct',
  naive: 'direct',
  gatehouseStdio: 'proxyBare',
  proxy: 'proxyBare',
  proxyBare: 'proxyBare',
  statelessDirect: 'statelessDirect',
  statelessChecked: 'statelessDirect',
  statelessGatehouse: 'statelessDirect',
  statelessStdio: 'statelessDirect',
}

/** The report for people, in Markdown. */
export function mcpPage({ conditions, plan, results, footprint, sessionCost, streamCost, goals }: McpReport): string {
  const { date, machine, kernel, node, loadBefore, versions } = conditions
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    `tools/call of an echo of 120 bytes, ${date}`,
    `${machine}; ${kernel}; node ${node}; load average before the run ${loadBefore.join(' ')}`,
    packages.join(', '),
    `Load, gateway and upstream share the machine. One call in flight per session; ${plan.rounds} interleaved rounds of ${plan.durationMs} ms, medians.`,
    '',
    markdownTable(legRows(results, plan.sessions)),
    '',
    `Idle session (${sessionCost.sessions} open, initialized, no stream): ${shortNumber(sessionCost.heapKb)} kB heap, ${shortNumber(sessionCost.rssKb)} kB RSS. With an open stream: ${shortNumber(streamCost.heapKb)} kB heap.`,
    `Start to ready: ${shortNumber(footprint.readyMs)} ms. Front idle: ${shortNumber(footprint.idleRssMb)} MB RSS. (median of ${plan.starts} starts; memory after 15 s of quiet)`,
    '',
    markdownTable(goals.map(goalRow)),
  ].join('\n')
}

function legRows(results: Results, sessions: readonly number[]): Record<string, string>[] {
  return [...results.keys()].flatMap((leg) => sessions.map((count) => legRow(results, leg, count)))
}

function legRow(results: Results, leg: LegName, sessions: number): Record<string, string> {
  const rounds = roundsOf(results, leg, sessions)
  const middle = (field: 'callsPerSecond' | 'p50Ms' | 'p99Ms') => shortNumber(median(rounds.map((round) => round[field])))
  const against = BASELINE[leg]
  const quotient = (field: 'callsPerSecond' | 'p50Ms') => shortNumber(ratio(results, field, leg, against, sessions))
  return {
    path: LEGS[leg],
    sessions: String(sessions),
    'calls/s': middle('callsPerSecond'),
    'p50 ms': middle('p50Ms'),
    'p99 ms': middle('p99Ms'),
    ratio: leg === against ? '1' : `${quotient('callsPerSecond')} calls/s, ${quotient('p50Ms')} p50`,
  }
}
