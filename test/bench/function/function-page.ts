import { goalRow } from '../goal.ts'
import { shortNumber } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import type { FunctionReport } from './function-bench.ts'

/** The report for people, in Markdown. */
export function functionPage({ conditions, plan, timings, overshoots, memory, skipped, goals }: FunctionReport): string {
  const { date, machine, kernel, node, loadBefore, versions } = conditions
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  const [sandbox] = timings
  return [
    `JSON of 20 items to JSON: filter, map, sum; ${date}`,
    `${machine}; ${kernel}; node ${node}; load average before the run ${loadBefore.join(' ')}`,
    packages.join(', '),
    `One run at a time, new state for each; ${plan.rounds} interleaved rounds.`,
    ...skipped.map((what) => `Skipped: ${what}`),
    '',
    markdownTable(
      timings.map(({ name, runs, coldP50Ms, p50Ms, p99Ms, meanMs }) => ({
        path: name,
        runs: String(runs),
        'p50 ms': shortNumber(p50Ms),
        'p50 ms of the first': `${shortNumber(coldP50Ms)} (${runs / plan.rounds} runs)`,
        'p99 ms': shortNumber(p99Ms),
        'mean ms': shortNumber(meanMs),
        'p50 against the sandbox': `${shortNumber(p50Ms / (sandbox?.p50Ms ?? Number.NaN))} ×`,
      })),
    ),
    '',
    markdownTable(
      overshoots.map(({ what, medianMs, worstMs }) => ({
        'stopped at its deadline': what,
        'median ms late': shortNumber(medianMs),
        'worst ms late': shortNumber(worstMs),
      })),
    ),
    '',
    `Memory bombs, one after another, each with a limit of ${shortNumber(memory.limitMb)} MB: the process grew from ${shortNumber(memory.beforeMb)} to ${shortNumber(memory.mostMb)} MB at most.`,
    '',
    markdownTable(goals.map(goalRow)),
  ].join('\n')
}
