import { z } from 'zod'
import { Fault } from '../../contract/fault.ts'
import type { DefineOperation, Scope } from '../../contract/operation.ts'
import { JOB_STATES, type JobDetail, type JobRow } from '../../contract/queue.ts'
import { NextCursor, Paging, pageOf } from '../../core/paging.ts'
import { Job, JobDetailShape, JobId, LaneName, Owner } from './queue.shapes.ts'
import type { QueueStore } from './queue.store.ts'
import { requireLane } from './require-lane.ts'
import { shownJson } from './shown-json.ts'

const OneJob = z.object({ job: Job })
const which = { lane: LaneName, id: JobId }

/** Operations on single jobs. */
export const jobOperations = (op: DefineOperation<QueueStore>) => ({
  jobs: op({
    summary: 'List the jobs of a lane, newest first.',
    route: 'GET /queue/lanes/:lane/jobs',
    permit: 'queue.read',
    effect: 'read',
    input: z.strictObject({
      lane: LaneName,
      state: z.enum(JOB_STATES).optional(),
      owner: Owner.optional(),
      ...Paging,
    }),
    output: z.object({ jobs: z.array(Job), nextCursor: NextCursor }),
    example: { input: { lane: 'function', state: 'dead', limit: 20 }, outcome: 'ok' },
    async run({ lane, state, owner, limit, cursor }, scope) {
      const { queue } = scope.store.house
      const rows = await queue.jobs(requireLane(queue, lane).name, {
        ...(state && { state }),
        ...(owner && { token: owner }),
        ...(cursor && { before: Number(cursor) }),
        limit: limit + 1,
      })
      const page = pageOf(rows, limit)
      return { jobs: await shownJobs(page.rows, scope), nextCursor: page.nextCursor }
    },
  }),

  job: op({
    summary: 'Show one job with every attempt, its payload and its result, redacted.',
    route: 'GET /queue/lanes/:lane/jobs/:id',
    permit: 'queue.read',
    effect: 'read',
    input: z.strictObject(which),
    output: z.object({ job: JobDetailShape }),
    example: { input: { lane: 'function', id: 1 }, outcome: 'not_found' },
    async run({ lane, id }, scope) {
      const found = await requireJob(scope, lane, id)
      const [row] = await shownJobs([found], scope)
      const payload = shownJson(found.payload)
      const result = shownJson(found.result)
      return {
        job: {
          ...row!,
          payload: payload.value,
          payloadBytes: payload.bytes,
          result: result.value,
          resultBytes: result.bytes,
          attempts: found.attempts.map((attempt) => ({ ...attempt })),
        },
      }
    },
  }),

  retry: op({
    summary: 'Run a dead or cancelled job again, with a new set of attempts.',
    route: 'POST /queue/lanes/:lane/jobs/:id/retry',
    permit: 'queue.write',
    effect: 'write',
    input: z.strictObject(which),
    output: OneJob,
    example: { input: { lane: 'function', id: 1 }, outcome: 'not_found' },
    async run({ lane, id }, scope) {
      const { queue } = scope.store.house
      await queue.retry(requireLane(queue, lane).name, id)
      return oneJob(scope, lane, id)
    },
  }),

  cancel: op({
    summary: 'Call a job off. One that runs is told to stop; whoever waits for it is told why.',
    route: 'POST /queue/lanes/:lane/jobs/:id/cancel',
    permit: 'queue.write',
    effect: 'write',
    input: z.strictObject({
      ...which,
      reason: z.string().trim().min(1).max(500).default('An operator called it off.').describe('Kept with the job.'),
    }),
    output: OneJob,
    example: { input: { lane: 'function', id: 1, reason: 'No longer needed.' }, outcome: 'not_found' },
    async run({ lane, id, reason }, scope) {
      const { queue } = scope.store.house
      await queue.cancel(requireLane(queue, lane).name, id, reason)
      return oneJob(scope, lane, id)
    },
  }),

  discard: op({
    summary: 'Drop a dead job: it becomes cancelled and is kept no longer than any other.',
    route: 'POST /queue/lanes/:lane/jobs/:id/discard',
    permit: 'queue.write',
    effect: 'erase',
    input: z.strictObject(which),
    output: OneJob,
    example: { input: { lane: 'function', id: 1 }, outcome: 'not_found' },
    async run({ lane, id }, scope) {
      const { queue } = scope.store.house
      await queue.discard(requireLane(queue, lane).name, id)
      return oneJob(scope, lane, id)
    },
  }),
})

async function requireJob({ store }: Scope<QueueStore>, lane: string, id: number): Promise<JobDetail> {
  const { queue } = store.house
  const found = await queue.job(requireLane(queue, lane).name, id)
  if (found) return found
  throw new Fault(
    'not_found',
    `The lane ${lane} has no job ${id}. Jobs that are over go when their retention ends; queue_jobs shows what is kept.`,
  )
}

async function oneJob(scope: Scope<QueueStore>, lane: string, id: number): Promise<z.input<typeof OneJob>> {
  const [job] = await shownJobs([await requireJob(scope, lane, id)], scope)
  return { job: job! }
}

async function shownJobs(rows: readonly JobRow[], scope: Scope<QueueStore>): Promise<z.input<typeof Job>[]> {
  const names = await scope.store.names.of(
    rows.map(({ token }) => token),
    scope,
  )
  return rows.map((row) => ({ ...row, owner: row.token, ownerName: names.get(row.token) ?? null }))
}
