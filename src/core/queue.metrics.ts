import type { Meter, Reading } from '../contract/meter.ts'
import type { LaneState, Quantiles, Queue } from '../contract/queue.ts'

type Read = (lane: LaneState) => Iterable<{ readonly value: number | null; readonly labels?: Reading['labels'] }>

/** Declare what is measured of the lanes. All of it is in memory; reading costs no query. */
export function measureQueue(meter: Meter, queue: Pick<Queue, 'lanes'>, nowMs: () => number): void {
  const each = (read: Read) => () =>
    queue
      .lanes()
      .flatMap((lane) =>
        Array.from(read(lane)).flatMap(({ value, labels }) =>
          value === null ? [] : { labels: { lane: lane.name, ...labels }, value },
        ),
      )
  const gauge = (name: string, help: string, read: Read, ...labels: string[]) =>
    meter.gauge(`gatehouse_lane_${name}`, help, ['lane', ...labels], each(read))
  const tally = (name: string, help: string, read: Read, ...labels: string[]) =>
    meter.tally(`gatehouse_lane_${name}`, help, ['lane', ...labels], each(read))

  gauge('jobs', 'Jobs that are not over, and dead ones.', byState, 'state')
  gauge('capacity', 'Jobs that the connected workers that answer take at once.', ({ capacity }) => [{ value: capacity }])
  gauge('workers', 'Connected workers that serve the lane.', ({ workers }) => [{ value: workers }])
  gauge('paused', '1 while an operator has paused it.', ({ paused }) => [{ value: Number(paused) }])
  gauge('oldest_wait_seconds', 'How long the job that has been ready longest has waited.', ({ oldestReadyAt }) => [
    { value: oldestReadyAt === null ? 0 : Math.max(0, nowMs() - oldestReadyAt) / 1_000 },
  ])
  gauge('utilisation_ratio', 'Share of the threads’ time spent working.', ({ utilisation }) => [{ value: utilisation }])
  gauge('wait_seconds', 'Wait for a turn, of the last five minutes.', ({ wait }) => byQuantile(wait), 'quantile')
  gauge('run_seconds', 'Time to run, of the last five minutes.', ({ run }) => byQuantile(run), 'quantile')
  gauge('token_share_ratio', 'How much of its limit the token nearest to it has used.', nearestLimit, 'limit')
  tally('jobs_added_total', 'Jobs that were accepted.', ({ totals }) => [{ value: totals.added }])
  tally('jobs_ended_total', 'Jobs that are over, by how.', byEnd, 'state')
  tally('retries_total', 'Attempts that ended with another to come.', ({ totals }) => [{ value: totals.retried }])
  tally('lost_total', 'Attempts whose worker died or was not heard of.', ({ totals }) => [{ value: totals.lost }])
  tally('refusals_total', 'Jobs that were not accepted, or withdrawn, by the limit.', byLimit, 'limit')
}

const byState: Read = (lane) =>
  (['scheduled', 'ready', 'running', 'dead'] as const).map((state) => ({ value: lane[state], labels: { state } }))

const byEnd: Read = ({ totals }) =>
  (['done', 'cancelled', 'dead'] as const).map((state) => ({ value: totals[state], labels: { state } }))

const byLimit: Read = ({ totals }) => Object.entries(totals.refused).map(([limit, value]) => ({ value, labels: { limit } }))

const byQuantile = ({ p50, p95, p99 }: Quantiles) =>
  Object.entries({ '0.5': p50, '0.95': p95, '0.99': p99 }).map(([quantile, ms]) => ({
    value: ms === null ? null : ms / 1_000,
    labels: { quantile },
  }))

/** The fullest token only: one series per token would be as many as there are tokens. */
const nearestLimit: Read = ({ tokens }) => [
  {
    value: Math.max(0, ...tokens.map(({ running, runningLimit }) => shareOf(running, runningLimit))),
    labels: { limit: 'running' },
  },
  {
    value: Math.max(0, ...tokens.map(({ waiting, waitingLimit }) => shareOf(waiting, waitingLimit))),
    labels: { limit: 'waiting' },
  },
]

/** A limit of nothing is full as soon as something is there. */
const shareOf = (used: number, limit: number): number => (limit > 0 ? used / limit : Number(used > 0))
