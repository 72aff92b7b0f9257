import { z } from 'zod'
import type { DefineOperation, Scope } from '../../contract/operation.ts'
import type { LaneState } from '../../contract/queue.ts'
import { LaneName, LaneShape, WorkerShape } from './queue.shapes.ts'
import type { QueueStore } from './queue.store.ts'
import { requireLane } from './require-lane.ts'

const OneLane = z.object({ lane: LaneShape })

/** Operations on lanes as a whole. */
export const laneOperations = (op: DefineOperation<QueueStore>) => ({
  lanes: op({
    summary: 'List the lanes: how much waits and runs, how long it takes, who is near a limit.',
    route: 'GET /queue/lanes',
    permit: 'queue.read',
    effect: 'read',
    input: z.strictObject({}),
    output: z.object({ lanes: z.array(LaneShape) }),
    example: { input: {}, outcome: 'ok' },
    run: async (_, scope) => ({ lanes: await shownLanes(scope.store.house.queue.lanes(), scope) }),
  }),

  lane: op({
    summary: 'Show one lane.',
    route: 'GET /queue/lanes/:lane',
    permit: 'queue.read',
    effect: 'read',
    input: z.strictObject({ lane: LaneName }),
    output: OneLane,
    example: { input: { lane: 'function' }, outcome: 'ok' },
    run: ({ lane }, scope) => oneLane(lane, scope),
  }),

  workers: op({
    summary: 'List the worker processes that are connected.',
    route: 'GET /queue/workers',
    permit: 'queue.read',
    effect: 'read',
    input: z.strictObject({}),
    output: z.object({ workers: z.array(WorkerShape) }),
    example: { input: {}, outcome: 'ok' },
    run: (_, { store }) => ({ workers: store.house.queue.workers().map((worker) => ({ ...worker, lanes: [...worker.lanes] })) }),
  }),

  pause: op({
    summary: 'Pause a lane: what runs goes on, nothing new begins, what comes waits. Survives a restart.',
    route: 'POST /queue/lanes/:lane/pause',
    permit: 'queue.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ lane: LaneName }),
    output: OneLane,
    example: { input: { lane: 'function' }, outcome: 'ok' },
    async run({ lane }, scope) {
      const { queue } = scope.store.house
      await queue.pause(requireLane(queue, lane).name)
      return oneLane(lane, scope)
    },
  }),

  resume: op({
    summary: 'Let a paused lane go on.',
    route: 'POST /queue/lanes/:lane/resume',
    permit: 'queue.write',
    effect: 'write',
    idempotent: true,
    input: z.strictObject({ lane: LaneName }),
    output: OneLane,
    example: { input: { lane: 'function' }, outcome: 'ok' },
    async run({ lane }, scope) {
      const { queue } = scope.store.house
      await queue.resume(requireLane(queue, lane).name)
      return oneLane(lane, scope)
    },
  }),
})

async function oneLane(name: string, scope: Scope<QueueStore>): Promise<z.input<typeof OneLane>> {
  const [lane] = await shownLanes([requireLane(scope.store.house.queue, name)], scope)
  return { lane: lane! }
}

async function shownLanes(lanes: readonly LaneState[], scope: Scope<QueueStore>): Promise<z.input<typeof LaneShape>[]> {
  const names = await scope.store.names.of(
    lanes.flatMap(({ tokens }) => tokens.map(({ token }) => token)),
    scope,
  )
  return lanes.map((lane) => ({
    ...lane,
    totals: { ...lane.totals, refused: { ...lane.totals.refused } },
    tokens: lane.tokens.map((load) => ({ ...load, owner: load.token, ownerName: names.get(load.token) ?? null })),
  }))
}
