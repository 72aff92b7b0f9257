import { z } from 'zod'
import { functionLane } from '../../../queue/function.lane.ts'
import type { Caller } from '../../contract/caller.ts'
import { Fault } from '../../contract/fault.ts'
import type { FunctionStore } from './function.store.ts'
import { toolNameOf } from './function-tool.ts'
import { findInvocation } from './invocation-list.ts'

/** A submitted run as its submitter sees it. */
export const SubmittedResult = z.object({
  jobId: z.int(),
  name: z.string(),
  version: z.int().nullable(),
  state: z.enum(['waiting', 'ok', 'failed', 'cancelled']).describe('waiting: also while it runs'),
  output: z.unknown().describe('What it gave; null without a result'),
  kept: z.boolean().describe('false: it went well, but what it gave is kept no longer'),
  message: z.string().nullable().describe('Why it gave nothing'),
  startedAt: z.int().nullable(),
  endedAt: z.int().nullable(),
})

/**
 * How a submitted run stands.
 *
 * @throws Fault `not_found` for what is unknown or somebody else's, which look alike; `forbidden` to a token of the submitter's that may not
 * call the function itself
 */
export async function resultOf(store: FunctionStore, jobId: number, caller: Caller): Promise<z.input<typeof SubmittedResult>> {
  const found = await findInvocation(store, jobId)
  if (found?.asked !== 'submit' || found.caller_id !== caller.id)
    throw new Fault('not_found', `You submitted no function that has the job ${jobId}. It may have been purged.`)
  requireTool(found.name, caller)
  const given = found.outcome === 'ok' ? await outputOf(store, jobId) : undefined
  return {
    jobId,
    name: found.name,
    version: found.version,
    state: found.outcome,
    output: given?.output ?? null,
    kept: found.outcome !== 'ok' || given !== undefined,
    message: found.message,
    startedAt: found.started_at,
    endedAt: found.ended_at,
  }
}

function requireTool(name: string, { grants }: Caller): void {
  const permit = `tool:${toolNameOf(name)}`
  if (grants.allows(permit)) return
  const message = `What ${name} gave is shown to those who may call it: the right ${permit} is missing. Use a token whose scope includes it.`
  throw new Fault('forbidden', message, { data: { permit } })
}

/** Results stay with their jobs, in the lane. */
async function outputOf({ house }: FunctionStore, jobId: number): Promise<{ readonly output: unknown } | undefined> {
  const job = await house.queue.job(functionLane.name, jobId)
  if (!job?.result) return undefined
  const result = functionLane.result.parse(JSON.parse(job.result))
  return result.kind === 'invoked' && result.outcome.ok ? { output: result.outcome.output } : undefined
}
