import { z } from 'zod'
import type { LanePolicy } from '../src/contract/lane.ts'
import { lanes } from './index.ts'
import { MAX_TEXT_BYTES } from './wire/limits.ts'

const positive = z.int().positive().optional()
const textBytes = z.int().positive().max(MAX_TEXT_BYTES).optional()

/** Workers speak once a second: what is shorter would be taken from workers that are well. */
const MIN_LEASE_MS = 3_000

const lanePolicy = z.strictObject({
  threads: positive,
  concurrency: positive,
  timeoutMs: positive,
  maxWaitMs: positive,
  maxAttempts: positive,
  retryBaseMs: positive,
  retryMaxMs: positive,
  perToken: positive,
  queuePerToken: positive,
  maxPayloadBytes: textBytes,
  maxResultBytes: textBytes,
  leaseMs: z.int().min(MIN_LEASE_MS).optional(),
  retentionMs: positive,
} satisfies Record<keyof LanePolicy, unknown>)

/** The section `[queue]`. */
export const queueSettings = z.strictObject({
  /** Worker processes; 0 where they are run elsewhere with `gatehouse worker`. */
  workers: z.int().min(0).max(64).default(1),
  /** Every commit survives a power cut, not only a crash; costs about a third of the throughput. */
  synchronousFull: z.boolean().default(false),
  lanes: z.strictObject(Object.fromEntries(lanes.map(({ name }) => [name, lanePolicy.optional()]))).default({}),
})

export type QueueSettings = z.output<typeof queueSettings>
