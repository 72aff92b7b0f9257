import { z } from 'zod'
import { FAULTS, type FaultCode } from '../../src/contract/fault.ts'
import { areAligned, counts } from './columns.ts'
import { MAX_PER_FRAME } from './limits.ts'

const name = z.string().min(1).max(100)
const sentence = z.string().max(2_000)
const faultCode = z.enum(Object.keys(FAULTS) as [FaultCode, ...FaultCode[]])
const share = z.number().min(0).max(1)

/** Enough of a greeting to say that the rest is not understood. */
export const greeting = z.looseObject({ t: z.literal('hello'), protocol: z.int() })

/** The first message of a worker, and what it still has in hand from an earlier front. */
export const hello = z.strictObject({
  t: z.literal('hello'),
  protocol: z.int(),
  name,
  pid: z.int().positive(),
  /** Of this process, so that one that was started anew under an old name is told from the old one. */
  instance: name,
  lanes: z
    .array(
      z
        .strictObject({
          lane: name,
          /** Jobs that it takes at once, by level. */
          places: z.array(z.int().min(0).max(MAX_PER_FRAME)).min(1).max(64),
          /** Running, or over and not acknowledged; ids and attempts. */
          ids: counts,
          attempts: counts,
        })
        .refine(({ ids, attempts }) => ids.length === attempts.length, 'Columns differ in length.'),
    )
    .max(100),
})

/** How an attempt ended that has no result. `code` is for whoever waits. */
const end = z.discriminatedUnion('kind', [
  z.strictObject({
    at: z.int().min(0),
    kind: z.literal('retry'),
    reason: sentence,
    code: faultCode.optional(),
    afterMs: z.int().min(0).optional(),
  }),
  z.strictObject({ at: z.int().min(0), kind: z.literal('snooze'), delayMs: z.int().min(0) }),
  z.strictObject({ at: z.int().min(0), kind: z.literal('cancel'), reason: sentence, code: faultCode.optional() }),
])

/** Attempts that are over. The body holds the results; those without one stand in `ends`, by their row. */
const verdicts = z.strictObject({
  t: z.literal('verdicts'),
  lane: name,
  ids: counts,
  attempts: counts,
  /** ms since the epoch. */
  startedAt: counts,
  tookMs: counts,
  sizes: counts,
  ends: z.strictObject({ list: z.array(end).max(MAX_PER_FRAME) }),
})

const chunks = z.strictObject({ t: z.literal('chunks'), lane: name, ids: counts, attempts: counts, sizes: counts })

const asks = z.strictObject({
  t: z.literal('asks'),
  lane: name,
  /** Numbers that the answers come back under. */
  asks: counts,
  ids: counts,
  attempts: counts,
  names: z.array(name).max(MAX_PER_FRAME),
  sizes: counts,
})

/** The jobs that run, so that their leases are renewed. */
const beatLane = z.strictObject({ lane: name, utilisation: share, ids: counts, attempts: counts })

const beat = z.strictObject({
  t: z.literal('beat'),
  vitals: z.strictObject({
    startedAt: z.number(),
    rssBytes: z.number(),
    heapBytes: z.number(),
    eventLoopDelayMs: z.number(),
    cpu: z.number(),
    threads: z.int(),
  }),
  lanes: z.array(beatLane.refine(areAligned, 'Columns differ in length.')).max(100),
})

/** It stops: it takes nothing new, and hands over what runs when that is done. */
const leaving = z.strictObject({ t: z.literal('leaving') })

/** Whatever a worker says after its greeting. */
export const fromWorker = z
  .discriminatedUnion('t', [verdicts, chunks, asks, beat, leaving])
  .refine(areAligned, 'Columns differ in length.')

export type Hello = z.output<typeof hello>
export type FromWorker = z.output<typeof fromWorker>
/** One kind of message of a worker. */
export type Said<Kind extends FromWorker['t']> = Extract<FromWorker, { t: Kind }>
/** How an attempt without a result ended. */
export type PlainEnd = z.output<typeof end>
