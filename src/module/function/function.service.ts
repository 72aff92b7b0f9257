import { z } from 'zod'
import { functionLane } from '../../../queue/function.lane.ts'
import { Fault } from '../../contract/fault.ts'
import type { Service } from '../../contract/module.ts'
import { hourly } from '../../core/hourly.ts'
import { type Letter, type OutboxRelay, startOutbox } from '../../core/outbox.ts'
import type { FunctionStore } from './function.store.ts'
import { purgeInvocations } from './function-purge.ts'
import type { RunPayload } from './invoke.ts'
import { refuseSubmitted } from './refuse-submitted.ts'

const Submitted = z.object({
  payload: functionLane.payload,
  options: z.object({
    token: z.string(),
    priority: z.int(),
    level: z.int(),
    maxAttempts: z.int(),
    timeoutMs: z.int(),
    runAt: z.int().optional(),
  }),
})

/** Brings what was submitted to the lane, and purges old invocations every hour. */
export function functionService(store: FunctionStore): Service {
  const { house, db } = store
  const purge = hourly(house, 'function.purge_failed', (nowMs, signal) => purgeInvocations(store, nowMs, signal))
  let relay: OutboxRelay | undefined
  store.onSubmit(() => relay && house.background('function.submit_failed', relay.wake()))
  return {
    async start() {
      relay = startOutbox({ db: db as never, deliver: (letter) => deliver(store, letter), nowMs: house.nowMs, log: house.log })
      await purge.start()
    },
    async stop() {
      const stopping = relay
      relay = undefined
      await Promise.all([purge.stop(), stopping?.stop()])
    },
  }
}

/** What the lane refuses for good must not keep what comes after it waiting: its submitter is told. */
async function deliver(store: FunctionStore, { id, body }: Letter): Promise<void> {
  const { payload, options } = Submitted.parse(body)
  const { runAt, ...rest } = options
  try {
    if (payload.kind === 'invoke') await requireKept(store, payload)
    await store.house.queue.add(functionLane, payload, { ...rest, ...(runAt !== undefined && { runAt }), id })
  } catch (thrown) {
    // The front stops: the letter stays for the next.
    if (!(thrown instanceof Fault) || thrown.code === 'unavailable') throw thrown
    await refuseSubmitted(store, id, thrown)
  }
}

async function requireKept({ db }: FunctionStore, { functionId, functionName }: RunPayload): Promise<void> {
  const row = await db.selectFrom('function').select('removed_at').where('id', '=', functionId).executeTakeFirst()
  if (row?.removed_at === null) return
  throw new Fault('not_found', `${functionName} was removed before it ran.`)
}
