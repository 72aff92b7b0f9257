import type { Ask, Page } from '../../contract/page.ts'
import { CHECKS, type CheckName } from './check.ts'
import { sparkLine } from './spark-line.ts'

/** Tokens that are listed. */
const MAX_TOKENS = 10

// biome-ignore lint/suspicious/noExplicitAny: a page shows what operations answered
type Answered = any

/** The console's page of everything that is near its limit. */
export const monitorPages: Readonly<Record<string, Page>> = {
  dashboard: {
    path: '/monitor',
    title: 'Monitor',
    menu: 'Observe',
    icon: 'gauge',
    permit: 'monitor.read',
    view: 'monitor/dashboard',
    live: ['monitor', 'queue'],
    async load(ask) {
      const state: Answered = await ask.call('monitor_get', {})
      const lanes = await Promise.all((state.lanes ?? []).map((lane: Answered) => withTrends(ask, lane)))
      return {
        ...state,
        lanes: state.lanes === null ? null : lanes,
        tokens: nearestLimits(state.lanes ?? []),
        upstreams: state.upstreams?.toSorted((a: Answered, b: Answered) => Number(b.enabled) - Number(a.enabled)) ?? null,
        wrong: state.wrong.map((result: Answered) => ({
          ...result,
          href: pageOf(result),
          ...linkTo(result.check, result.subject),
        })),
      }
    },
  },

  check: {
    path: '/monitor/:check/:subject',
    title: 'Check',
    permit: 'monitor.read',
    view: 'monitor/check',
    live: ['monitor'],
    scripts: ['chart.js'],
    async load(ask) {
      const { check = '', subject = '', window = '6h' } = ask.query
      const [{ points, stepMs }, { results }] = await Promise.all([
        ask.call('monitor_history', { check, subject, window }),
        ask.call('monitor_checks', { check }),
      ])
      const now = results.find((result: Answered) => result.subject === subject)
      return {
        title: titleOf(check, subject),
        check,
        subject,
        window,
        windows: ['1h', '6h', '24h', '7d'],
        summary: CHECKS[check as CheckName].summary,
        unit: CHECKS[check as CheckName].unit,
        now,
        points: points.toReversed(),
        chart: points.length > 1 ? JSON.stringify(chartOf(points, stepMs, CHECKS[check as CheckName].unit)) : undefined,
        ...linkTo(check, subject),
      }
    },
  },
}

const chartOf = (points: readonly Answered[], stepMs: number, unit: string) => {
  const byTime = new Map(points.map((point) => [point.at, point.value]))
  const [first, last] = [points[0].at, points.at(-1).at]
  const times = Array.from({ length: (last - first) / stepMs + 1 }, (_, index) => first + index * stepMs)
  return {
    unit,
    times: times.map((at) => at / 1_000),
    series: [{ label: 'Value', tone: 'busy', values: times.map((at) => byTime.get(at) ?? null) }],
  }
}

async function withTrends(ask: Ask, lane: Answered): Promise<object> {
  const { points } = await ask.call('monitor_lane_history', { lane: lane.name, window: '1h' })
  const trend = (field: string) =>
    sparkLine(
      points.map((point: Answered) => ({ at: point.at, value: point[field] })),
      ask.nowMs,
    )
  const isFull = lane.capacity > 0 && lane.running >= lane.capacity
  return {
    ...lane,
    fill: lane.capacity === 0 ? 0 : Math.min(1_000, Math.round((1_000 * lane.running) / lane.capacity)),
    isFull,
    oldestWaitMs: lane.oldestReadyAt === null ? 0 : Math.max(0, ask.nowMs - lane.oldestReadyAt),
    refused: Object.values<number>(lane.totals.refused).reduce((sum, count) => sum + count, 0),
    trends: { depth: trend('ready'), oldest: trend('oldestWaitMs'), wait: trend('waitP99'), run: trend('runP99') },
  }
}

/** Tokens of all lanes, by the share of their fuller limit. */
function nearestLimits(lanes: readonly Answered[]): readonly object[] {
  const share = (used: number, limit: number): number => (limit > 0 ? used / limit : 0)
  return lanes
    .flatMap((lane) =>
      lane.tokens.map((load: Answered) => {
        const most = Math.max(share(load.running, load.runningLimit), share(load.waiting, load.waitingLimit))
        return { ...load, lane: lane.name, most, fill: Math.min(1_000, Math.round(1_000 * most)), isFull: most >= 1 }
      }),
    )
    .filter(({ most }) => most > 0)
    .sort((a, b) => b.most - a.most)
    .slice(0, MAX_TOKENS)
}

/** `Lane function`, `Event loop of front`. */
function titleOf(check: string, subject: string): string {
  const words = check.replace('_', ' ')
  const name = `${words[0]?.toUpperCase()}${words.slice(1)}`
  return ['event_loop', 'memory'].includes(check) ? `${name} of ${subject}` : `${name} ${subject}`
}

/** Where something can be done about what was checked, beside its history. */
function linkTo(check: string, subject: string): { readonly place?: string } {
  if (check === 'lane') return { place: `/queue/${encodeURIComponent(subject)}` }
  return check === 'upstream' ? { place: `/upstreams/${encodeURIComponent(subject)}` } : {}
}

const pageOf = ({ check, subject }: { readonly check: string; readonly subject: string }): string =>
  `/monitor/${check}/${encodeURIComponent(subject)}`
