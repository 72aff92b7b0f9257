import { z } from 'zod'
import { JOB_STATES } from '../../contract/queue.ts'

const Time = z.int().min(0)
const MaybeTime = Time.nullable()
const Count = z.int().min(0)

/** A lane's name as it is asked for. */
export const LaneName = z.string().min(1).max(64).describe('As queue_lanes gives it, e.g. `function`.')

/** A job's id as it is asked for. */
export const JobId = z.int().min(1)

/** Whose place a job takes. Not called `token`, because what is called so is a secret to redaction, and this is what records have to say. */
export const Owner = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[a-z]+(?::\d{1,16})?$/, 'Expected token:<id>, user:<id> or system')
  .describe('Whose place a job takes: `token:<id>`, or `user:<id>` where no token was shown.')

const OwnerName = z.string().nullable().describe('For people; null for somebody unknown, and for callers who may not see users.')

const Quantiles = z.object({
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
})

const Policy = z.object({
  threads: z.int().describe('Of each worker, at each level of nesting.'),
  concurrency: z.int().describe('Tasks that one thread runs at once.'),
  timeoutMs: z.int(),
  maxWaitMs: z.int(),
  maxAttempts: z.int(),
  retryBaseMs: z.int(),
  retryMaxMs: z.int(),
  perToken: z.int(),
  queuePerToken: z.int(),
  maxPayloadBytes: z.int(),
  maxResultBytes: z.int(),
  leaseMs: z.int(),
  retentionMs: z.int(),
})

/** How one token stands in a lane. */
const Load = z.object({
  owner: z.string(),
  ownerName: OwnerName,
  running: Count,
  runningLimit: Count,
  waiting: Count,
  waitingLimit: Count,
})

/** How a lane stands. */
export const LaneShape = z.object({
  name: z.string(),
  summary: z.string(),
  paused: z.boolean(),
  workers: Count.describe('Workers connected that serve it.'),
  scheduled: Count.describe('Jobs that wait for their time, also for their next attempt.'),
  ready: Count.describe('Jobs that wait for their turn.'),
  running: Count,
  dead: Count.describe('Jobs that ran out of attempts and wait for an operator.'),
  capacity: Count.describe('Jobs that the connected workers take at once.'),
  utilisation: z.number().nullable().describe("Share of the threads' time that was spent working, 0 to 1."),
  oldestReadyAt: MaybeTime.describe('When the job that has been ready longest became so, ms since the epoch.'),
  wait: Quantiles.describe('Ms from ready to begun, last five minutes.'),
  run: Quantiles.describe('Ms that attempts took, last five minutes.'),
  totals: z
    .object({
      added: Count,
      done: Count,
      retried: Count,
      cancelled: Count,
      dead: Count,
      lost: Count.describe('Attempts whose worker died or was not heard of in time.'),
      refused: z.record(z.string(), Count).describe('By the limit that was hit.'),
    })
    .describe('Since the front started.'),
  tokens: z.array(Load).describe('The tokens nearest their limits, at most twenty.'),
  policy: Policy,
})

/** A worker process. */
export const WorkerShape = z.object({
  name: z.string(),
  pid: z.int(),
  connectedAt: Time,
  isSilent: z.boolean().describe('It is connected and does not answer: stopped or stuck. It is given no jobs.'),
  lanes: z.array(z.string()),
  running: Count.describe('Jobs that it runs now.'),
  vitals: z
    .object({
      startedAt: Time,
      rssBytes: z.number(),
      heapBytes: z.number(),
      eventLoopDelayMs: z.number().describe('99th percentile of the last seconds.'),
      cpu: z.number().describe('Share of one core.'),
      threads: Count,
    })
    .nullable()
    .describe('What it said of itself last.'),
})

/** A job in a list. Times are ms since the epoch. */
export const Job = z.object({
  id: z.int(),
  lane: z.string(),
  state: z.enum(JOB_STATES),
  owner: z.string(),
  ownerName: OwnerName,
  key: z.string().nullable().describe('Its idempotency key.'),
  priority: z.int(),
  level: Count.describe('How deep it is nested in jobs of its lane that wait for it.'),
  attempt: Count.describe('Attempts spent.'),
  maxAttempts: z.int(),
  createdAt: Time,
  runAt: Time.describe('Not before.'),
  startedAt: MaybeTime.describe('When the last attempt began.'),
  endedAt: MaybeTime,
  worker: z.string().nullable(),
  reason: z.string().nullable().describe('Why the last attempt failed, or why it was called off.'),
  cancelRequested: z.boolean().describe('It was told to stop and has not yet.'),
})

/** A job with all that is known of it. */
export const JobDetailShape = Job.extend({
  payload: z.unknown().describe('What it was given, redacted; null where it is too large to show.'),
  payloadBytes: Count,
  result: z.unknown().describe('What it answered, redacted; null where there is none or it is too large to show.'),
  resultBytes: Count,
  attempts: z.array(
    z.object({
      attempt: z.int(),
      startedAt: Time,
      endedAt: MaybeTime.describe('null while it runs.'),
      worker: z.string().nullable(),
      verdict: z
        .enum(['done', 'retry', 'snooze', 'cancel', 'lost'])
        .nullable()
        .describe('`lost`: its worker died or was not heard of in time.'),
      reason: z.string().nullable(),
    }),
  ),
})

/** An override of a lane's limits. */
export const Limit = z.object({
  owner: z.string(),
  ownerName: OwnerName,
  running: z.int().nullable().describe("null: the lane's own."),
  waiting: z.int().nullable().describe("null: the lane's own."),
})
