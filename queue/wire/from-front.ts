import { z } from 'zod'
import { areAligned, counts } from './columns.ts'
import { MAX_PER_FRAME } from './limits.ts'

const name = z.string().min(1).max(100)
const sentence = z.string().max(2_000)

/** The greeting was understood; from now on jobs come. */
const welcome = z.strictObject({ t: z.literal('welcome'), protocol: z.int() })

/** The greeting was not accepted. The connection ends; the worker tries again later. */
const refuse = z.strictObject({ t: z.literal('refuse'), reason: sentence })

/** Leased jobs. The body holds the payloads. */
const jobs = z.strictObject({
  t: z.literal('jobs'),
  lane: name,
  ids: counts,
  attempts: counts,
  levels: counts,
  timeoutsMs: counts,
  sizes: counts,
})

/** Verdicts that are on disk and may be forgotten. */
const ack = z.strictObject({ t: z.literal('ack'), lane: name, ids: counts, attempts: counts })

/** Attempts that are to stop: called off, or not the current ones any more. */
const cancel = z.strictObject({
  t: z.literal('cancel'),
  lane: name,
  ids: counts,
  attempts: counts,
  reasons: z.array(sentence).max(MAX_PER_FRAME),
})

/** Answers to asks: JSON text, or where there is a code the message of a fault. */
const answers = z.strictObject({
  t: z.literal('answers'),
  asks: counts,
  codes: z.array(z.string().max(100).nullable()).max(MAX_PER_FRAME),
  sizes: counts,
})

/** Whatever a front says. */
export const fromFront = z
  .discriminatedUnion('t', [welcome, refuse, jobs, ack, cancel, answers])
  .refine(areAligned, 'Columns differ in length.')

export type FromFront = z.output<typeof fromFront>
/** One kind of message of a front. */
export type Told<Kind extends FromFront['t']> = Extract<FromFront, { t: Kind }>
