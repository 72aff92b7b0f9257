import { z } from 'zod'
import type { DefineOperation } from '../../contract/operation.ts'
import { LaneName, Limit, Owner } from './queue.shapes.ts'
import type { QueueStore } from './queue.store.ts'
import { requireLane } from './require-lane.ts'

/** Operations on the limits of single tokens. */
export const limitOperations = (op: DefineOperation<QueueStore>) => ({
  limits: op({
    summary: "List the tokens whose limits differ from the lane's own.",
    route: 'GET /queue/lanes/:lane/limits',
    permit: 'queue.read',
    effect: 'read',
    input: z.strictObject({ lane: LaneName }),
    output: z.object({ limits: z.array(Limit) }),
    example: { input: { lane: 'function' }, outcome: 'ok' },
    async run({ lane }, scope) {
      const { queue } = scope.store.house
      const limits = await queue.limits(requireLane(queue, lane).name)
      const names = await scope.store.names.of(
        limits.map(({ token }) => token),
        scope,
      )
      return { limits: limits.map((limit) => ({ ...limit, owner: limit.token, ownerName: names.get(limit.token) ?? null })) }
    },
  }),

  limit_set: op({
    summary: 'Give one token limits of its own in a lane. Without either number, the lane’s own hold again.',
    description: 'Acts on the next job that is added or begun; what runs already goes on.',
    route: 'PUT /queue/lanes/:lane/limits/:owner',
    permit: 'queue.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({
      lane: LaneName,
      owner: Owner,
      running: z.int().min(1).max(100_000).nullable().optional().describe("Jobs that run at once; the lane's own without it."),
      waiting: z.int().min(1).max(10_000_000).nullable().optional().describe("Jobs that wait; the lane's own without it."),
    }),
    output: z.object({ limit: Limit }),
    example: { input: { lane: 'function', owner: 'token:1718000000000', running: 2 }, outcome: 'ok' },
    async run({ lane, owner, running = null, waiting = null }, scope) {
      const { queue } = scope.store.house
      await queue.setLimit(requireLane(queue, lane).name, { token: owner, running, waiting })
      const names = await scope.store.names.of([owner], scope)
      return { limit: { owner, ownerName: names.get(owner) ?? null, running, waiting } }
    },
  }),
})
