import { z } from 'zod'
import { CHECK_NAMES, CHECK_STATES, CHECKS } from './check.ts'

const Time = z.int().min(0)

/** A check's name as it is asked for. */
export const Check = z.enum(CHECK_NAMES).describe(CHECK_NAMES.map((name) => `${name}: ${CHECKS[name].summary}`).join(' '))

export const State = z.enum(CHECK_STATES).describe('behind: it works, and does not keep up')

/** What a check found of one subject. */
export const Result = z.object({
  check: z.enum(CHECK_NAMES),
  subject: z.string().describe('What was looked at: a process, store, lane or upstream by its name.'),
  state: State,
  reason: z.string().describe('One sentence.'),
  value: z.number().nullable(),
  limit: z.number().nullable().describe('What the value was held against.'),
  unit: z.enum(['bytes', 'ms', 'count']).describe('Of value and limit.'),
})

/** All checks in one line. */
export const VerdictShape = z.object({
  state: z.enum(['healthy', 'behind', 'failing']),
  line: z.string(),
  at: Time.nullable().describe('When the checks were made, ms since the epoch; null before the first round.'),
  since: Time.nullable().describe('Since when the state is what it is.'),
})

const Vitals = z.object({
  startedAt: Time,
  rssBytes: z.number(),
  heapBytes: z.number(),
  eventLoopDelayMs: z.number().describe('99th percentile of the last seconds.'),
  cpu: z.number().describe('Share of one core, of the last seconds.'),
  threads: z.int(),
})

export const Process = z.object({
  name: z.string(),
  pid: z.int().nullable(),
  state: z.enum(['starting', 'running', 'silent', 'stopping', 'waiting', 'failed']),
  restarts: z.int(),
  lastEnd: z.string().nullable().describe('Why it ended last.'),
  vitals: Vitals.nullable(),
})

export const Store = z.object({
  name: z.string(),
  writes: z.int(),
  meanWriteMs: z.number().nullable(),
  slowestMs: z.number().describe('The slowest write since the last round but one.'),
  busy: z.int().describe('Writes that found the file locked for too long.'),
  failed: z.int(),
  fileBytes: z.number(),
  walBytes: z.number(),
})

const Quantiles = z.object({ p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() })
const Load = z.object({
  owner: z.string().describe('Whose jobs: `token:<id>` or `user:<id>`.'),
  ownerName: z.string().nullable(),
  running: z.int(),
  runningLimit: z.int(),
  waiting: z.int(),
  waitingLimit: z.int(),
})

/** A lane, as queue_lanes shows it, without what is not of the moment. */
export const Lane = z.object({
  name: z.string(),
  paused: z.boolean(),
  workers: z.int(),
  scheduled: z.int(),
  ready: z.int(),
  running: z.int(),
  dead: z.int(),
  capacity: z.int(),
  utilisation: z.number().nullable(),
  oldestReadyAt: Time.nullable(),
  wait: Quantiles.describe('Ms, last five minutes.'),
  run: Quantiles.describe('Ms, last five minutes.'),
  totals: z.object({ retried: z.int(), lost: z.int(), refused: z.record(z.string(), z.int()) }),
  tokens: z.array(Load).describe('The tokens nearest their limits.'),
})

/** An upstream, as upstream_list shows it, without its tools. */
export const Upstream = z.object({
  alias: z.string(),
  state: z.string(),
  enabled: z.boolean(),
  since: Time,
  lastError: z.string().nullable(),
  inFlight: z.int(),
  waiting: z.int(),
  sessions: z.int(),
  connects: z.int(),
})

/** A slot of a check's history. */
export const CheckPoint = z.object({
  at: Time,
  state: State,
  value: z.number().nullable(),
  reason: z.string().nullable().describe('null where it was ok.'),
})

const Ms = z.number().nullable()

/** A slot of a lane's history; durations in ms. */
export const LanePoint = z.object({
  at: Time,
  ready: z.int(),
  running: z.int(),
  capacity: z.int(),
  oldestWaitMs: z.number(),
  waitP50: Ms,
  waitP95: Ms,
  waitP99: Ms,
  runP50: Ms,
  runP95: Ms,
  runP99: Ms,
})
