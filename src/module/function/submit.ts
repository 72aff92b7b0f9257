import { createHash } from 'node:crypto'
import { functionLane } from '../../../queue/function.lane.ts'
import { type Caller, placeOf } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { Scope } from '../../contract/operation.ts'
import { permit } from '../../core/door/permit.ts'
import { addToOutbox } from '../../core/outbox.ts'
import type { InvocationRow } from './function.schema.ts'
import type { FunctionStore } from './function.store.ts'
import { type FunctionTool, toolNameOf } from './function-tool.ts'
import { invokePayload, jobOptions, type Runnable } from './invoke.ts'
import { requireDepth } from './require-depth.ts'

/** Who leaves it behind. */
type Asking = Pick<Scope<unknown>, 'caller' | 'requestId' | 'depth'>

/** Behind calls, which somebody waits for: a token's backlog keeps none of its own calls waiting. */
const SUBMIT_PRIORITY = -10

/** What somebody leaves behind. */
export interface Submission {
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  readonly key?: string | undefined
  readonly runAt?: number | undefined
}

/**
 * Let a function run later, without waiting for it. What runs is the version of this moment.
 *
 * The invocation and the letter that brings the job to the lane are written in one transaction; all three have one id.
 *
 * @throws Fault as the door would for a call: `not_found`, `forbidden`, `invalid`; `busy` where too many of the caller's wait, `blocked`
 * for functions that submit functions too deep
 */
export async function submit(
  store: FunctionStore,
  { name, input, key, runAt }: Submission,
  { caller, requestId, depth }: Asking,
): Promise<{ readonly id: number; readonly isNew: boolean }> {
  const tool = toolFor(store, name, caller)
  requireDepth(name, depth)
  const args = tool.parse(input)
  const { house, db, log } = store
  const asking = { caller, asked: 'submit', requestId, sessionKey: `${caller.id}/lane`, depth } as const
  const payload = invokePayload(tool.runnable, args, asking)
  // Nobody waits for it, however deep it was submitted.
  const options = {
    ...jobOptions(tool.runnable, asking),
    level: 0,
    priority: SUBMIT_PRIORITY,
    ...(runAt !== undefined && { runAt }),
  }
  const keyHash = key === undefined ? null : hashKey(caller, tool.runnable, key)
  const id = house.nextId()
  // What has ended does not wait any more.
  await log.caughtUp()
  const outcome = await db.transaction().execute(async (transaction) => {
    const known =
      keyHash === null
        ? undefined
        : await transaction.selectFrom('invocation').select('id').where('key_hash', '=', keyHash).executeTakeFirst()
    if (known) return { id: known.id, isNew: false }
    const { waiting } = await transaction
      .selectFrom('invocation')
      .select(({ fn }) => fn.countAll<number>().as('waiting'))
      .where('caller_id', '=', caller.id)
      .where('outcome', '=', 'waiting')
      .executeTakeFirstOrThrow()
    requirePlace(store, caller, waiting)
    await transaction
      .insertInto('invocation')
      .values(waitingRow(id, tool, asking, keyHash, house.nowMs()))
      .execute()
    await addToOutbox(transaction, { id, topic: 'submit', body: { payload, options } }, house.nowMs())
    return { id, isNew: true }
  })
  store.submitted()
  return outcome
}

function toolFor({ registry }: FunctionStore, name: string, caller: Caller): FunctionTool {
  const tool = registry.tool(name)
  if (!tool) throw new Fault('not_found', `There is no tool named ${toolNameOf(name)}. List the tools to see what can be called.`)
  permit(caller, tool)
  return tool
}

/** The lane refuses what is too much; here it can still be said to whoever asks. */
function requirePlace({ house }: FunctionStore, caller: Caller, waiting: number): void {
  const lane = house.queue.lanes().find(({ name }) => name === functionLane.name)
  const own = lane?.tokens.find(({ token }) => token === placeOf(caller))
  const limit = own?.waitingLimit ?? lane?.policy.queuePerToken ?? functionLane.policy.queuePerToken
  if (waiting < limit) return
  throw new Fault('busy', `${waiting} functions that you submitted wait already; the limit is ${limit}. Wait for some to end.`, {
    retryAfterMs: 5_000,
    data: { limit: 'queuePerToken', value: limit },
  })
}

/** By id, because another function may take the name of one that was removed. */
const hashKey = (caller: Caller, { functionId }: Runnable, key: string): string =>
  createHash('sha256')
    .update(JSON.stringify([caller.id, functionId, key]))
    .digest('hex')

function waitingRow(
  id: number,
  { runnable }: FunctionTool,
  { caller, requestId, depth }: Asking,
  keyHash: string | null,
  nowMs: number,
): InvocationRow {
  return {
    id,
    job_id: id,
    function_id: runnable.functionId,
    version: runnable.version,
    asked: 'submit',
    caller_id: caller.id,
    caller_name: caller.name,
    token_id: caller.tokenId ?? null,
    request_id: requestId,
    depth,
    key_hash: keyHash,
    started_at: null,
    ended_at: null,
    duration_ms: null,
    outcome: 'waiting',
    reason: null,
    message: null,
    logs: '[]',
    logs_cut: 0,
    updated_at: nowMs,
  }
}
