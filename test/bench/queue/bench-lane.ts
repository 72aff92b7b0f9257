import { z } from 'zod'
import { defineLane } from '../../../queue/lane.ts'

const PLACES = 512

/** No-op jobs, 512 at once in one thread; one token may have half of the places. */
export const benchLane = defineLane({
  name: 'bench',
  summary: 'Does nothing, for the bench.',
  payload: z.object({ tool: z.string(), args: z.object({ text: z.string() }) }),
  result: z.null(),
  policy: { threads: 1, concurrency: PLACES, perToken: PLACES / 2, queuePerToken: 1_000_000, maxWaitMs: 120_000 },
})
