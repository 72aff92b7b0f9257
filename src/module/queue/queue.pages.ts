import type { Ask, Page } from '../../contract/page.ts'
import { JOB_STATES } from '../../contract/queue.ts'
import { attemptBars } from './attempt-bars.ts'

/** What an operator may do to a job, by its state; the queue judges anew. */
const ACTIONS = {
  scheduled: { cancel: true },
  ready: { cancel: true },
  running: { cancel: true },
  done: {},
  cancelled: { retry: true },
  dead: { retry: true, discard: true },
} as const satisfies Record<(typeof JOB_STATES)[number], object>

const laneOf = ({ query }: Ask) => query['lane'] ?? ''

/** The console's pages about lanes and jobs. */
export const queuePages: Readonly<Record<string, Page>> = {
  list: {
    path: '/queue',
    title: 'Lanes',
    menu: 'Observe',
    icon: 'lanes',
    permit: 'queue.read',
    view: 'queue/list',
    live: ['queue'],
    async load(ask) {
      const [{ lanes }, { workers }] = await Promise.all([ask.call('queue_lanes', {}), ask.call('queue_workers', {})])
      return { lanes: lanes.map(withFill), workers }
    },
  },

  lane: {
    path: '/queue/:lane',
    title: 'Lane',
    permit: 'queue.read',
    view: 'queue/lane',
    live: ['queue'],
    async load(ask) {
      const lane = laneOf(ask)
      const { state, owner, cursor } = ask.query
      const filter = { ...(state && { state }), ...(owner && { owner }) }
      const [one, page, { limits }] = await Promise.all([
        ask.call('queue_lane', { lane }),
        ask.call('queue_jobs', { lane, ...filter, ...(cursor && { cursor }) }),
        ask.call('queue_limits', { lane }),
      ])
      return {
        title: lane,
        lane: withFill(one['lane']),
        ...page,
        limits,
        filter,
        narrowed: Boolean(state || owner),
        states: JOB_STATES,
      }
    },
  },

  job: {
    path: '/queue/:lane/:id',
    title: 'Job',
    permit: 'queue.read',
    view: 'queue/job',
    live: ['queue'],
    async load(ask) {
      const { job } = await ask.call('queue_job', { lane: laneOf(ask), id: Number.parseInt(ask.query['id'] ?? '', 10) || 0 })
      return {
        title: `Job ${job.id}`,
        job,
        bars: attemptBars(job.createdAt, job.attempts, ask.nowMs),
        can: ACTIONS[job.state as keyof typeof ACTIONS],
        isOver: job.endedAt !== null,
      }
    },
  },
}

/** A lane with how full it is, in permille. */
const withFill = <Lane extends { readonly running: number; readonly capacity: number }>(lane: Lane) => ({
  ...lane,
  fill: lane.capacity === 0 ? 0 : Math.min(1_000, Math.round((1_000 * lane.running) / lane.capacity)),
  isFull: lane.capacity > 0 && lane.running >= lane.capacity,
})
