import { functionLane } from '../../../queue/function.lane.ts'
import type { SettledJob } from '../../contract/queue.ts'
import { redactText } from '../../core/secret-text.ts'
import { storable } from '../../core/storable.ts'
import type { InvocationRow } from './function.schema.ts'
import type { Invoked, RunPayload } from './invoke.ts'

/** Longest message that is kept, in characters. */
const MESSAGE_CHARS = 4_000

type Ending = Pick<InvocationRow, 'outcome' | 'reason' | 'message' | 'logs' | 'logs_cut' | 'duration_ms'>

/** What is kept of a run that is over. Secrets by their looks are taken out of logs and messages. */
export function endedRow(job: SettledJob, payload: RunPayload, id: number, nowMs: number): InvocationRow {
  return {
    id,
    job_id: job.id,
    function_id: payload.functionId,
    version: payload.version,
    asked: payload.asked,
    caller_id: payload.callerId,
    caller_name: payload.callerName,
    token_id: payload.caller.tokenId,
    request_id: payload.requestId,
    depth: payload.depth,
    key_hash: null,
    started_at: job.startedAt,
    ended_at: job.endedAt,
    ...endingOf(job),
    updated_at: nowMs,
  }
}

function endingOf(job: SettledJob): Ending {
  const result = job.state === 'done' ? functionLane.result.parse(job.result) : undefined
  if (result?.kind === 'invoked') return invokedEnding(result)
  return {
    outcome: job.state === 'cancelled' ? 'cancelled' : 'failed',
    reason: job.state === 'cancelled' ? null : 'lost',
    message: job.reason === null ? null : shortened(job.reason),
    logs: '[]',
    logs_cut: 0,
    duration_ms: job.startedAt === null ? null : job.endedAt - job.startedAt,
  }
}

function invokedEnding({ outcome, logs, logsCut, durationMs }: Invoked): Ending {
  return {
    outcome: outcome.ok ? 'ok' : 'failed',
    reason: outcome.ok ? null : outcome.reason,
    message: outcome.ok ? null : shortened(outcome.message),
    logs: JSON.stringify(logs.map((line) => ({ ...line, text: storable(redactText(line.text)) }))),
    logs_cut: logsCut ? 1 : 0,
    duration_ms: durationMs,
  }
}

const shortened = (message: string): string => storable(redactText(message)).slice(0, MESSAGE_CHARS)
