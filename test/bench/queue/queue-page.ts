import { goalRow } from '../goal.ts'
import { median, shortNumber } from '../statistics.ts'
import { markdownTable } from '../table.ts'
import { CONTESTANTS, type ContestantName } from './contestant.ts'
import type { DrainSpans } from './drain-meter.ts'
import { loadOf } from './goals.ts'
import { type LegResult, LOADS, type LoadName } from './leg.ts'
import type { Delays, Fairness } from './measures.ts'
import type { QueueReport } from './queue-bench.ts'

const NAMES: Readonly<Record<ContestantName, string>> = {
  gatehouse: 'Gatehouse',
  plainjob: 'plainjob (poll 5 ms)',
  bullmq: 'BullMQ (Redis, appendonly everysec)',
}

/** The report for people, in Markdown. */
export function queuePage({ conditions, plan, results, goals }: QueueReport): string {
  const { date, machine, kernel, node, loadBefore, versions } = conditions
  return [
    `No-op jobs of 170 bytes, ${date}`,
    `${machine}; ${kernel}; node ${node}; load average before the run ${loadBefore.join(' ')}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    `Front with the callers, and worker, in processes of their own; ${plan.rounds} interleaved rounds of ${plan.durationMs} ms, medians.`,
    results.bullmq.length === 0 ? 'BullMQ was left out: redis-server or ioredis is not here.' : '',
    '',
    markdownTable(takingPart(results).map((name) => backlogRow(name, results[name], plan.drain))),
    '',
    markdownTable((Object.keys(LOADS) as LoadName[]).flatMap((load) => loadRows(load, results))),
    '',
    markdownTable([fairnessRow(results.gatehouse, 'p50Ms'), fairnessRow(results.gatehouse, 'p99Ms')]),
    '',
    markdownTable(goals.map(goalRow)),
  ].join('\n')
}

const takingPart = (results: QueueReport['results']): ContestantName[] => CONTESTANTS.filter((name) => results[name].length > 0)

const backlogRow = (name: ContestantName, legs: readonly LegResult[], spans: DrainSpans): Record<string, string> => ({
  queue: NAMES[name],
  'enqueue/s (64 callers)': shortNumber(median(legs.map(({ enqueuePerSecond }) => enqueuePerSecond))),
  [`drain jobs/s, after ${spans.coldMs} ms`]: shortNumber(median(legs.map(({ drainPerSecond }) => drainPerSecond.warm))),
  [`in its first ${spans.coldMs} ms`]: shortNumber(median(legs.map(({ drainPerSecond }) => drainPerSecond.cold))),
})

function loadRows(load: LoadName, results: QueueReport['results']): Record<string, string>[] {
  const able = takingPart(results).filter((name) => results[name].some(({ loads }) => loads[load]))
  return able.map((name) => ({
    'awaited results': LOADS[load],
    queue: NAMES[name],
    'jobs/s': shortNumber(loadOf(results[name], load, 'jobsPerSecond')),
    'p50 ms': shortNumber(loadOf(results[name], load, 'p50Ms')),
    'p99 ms': shortNumber(loadOf(results[name], load, 'p99Ms')),
  }))
}

const BESIDE: Readonly<Record<keyof Fairness, string>> = {
  idle: 'alone',
  queued: 'beside 10 000 of another that are queued',
  awaited: 'that are awaited in the same process',
}

const fairnessRow = (legs: readonly LegResult[], share: keyof Delays): Record<string, string> => ({
  'one job of a token': share === 'p50Ms' ? 'p50 ms' : 'p99 ms',
  ...Object.fromEntries(
    Object.entries(BESIDE).map(([others, title]) => [
      title,
      shortNumber(median(legs.map(({ fairness }) => fairness?.[others as keyof Fairness][share] ?? Number.NaN))),
    ]),
  ),
})
