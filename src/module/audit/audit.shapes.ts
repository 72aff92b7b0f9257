import { z } from 'zod'
import { FAULTS } from '../../contract/fault.ts'
import type { Kind } from '../../contract/tool.ts'
import { STAGES } from '../../contract/visit.ts'
import { KINDS } from './call-kinds.ts'

/** How a call can stand: the door's outcomes, `running` before one is known, and `failed` to ask for all that are not `ok`. */
const OUTCOMES = ['ok', 'tool_error', 'interrupted', ...Object.keys(FAULTS)] as [string, ...string[]]

const Name = z.string().min(1).max(256)
/** Names of resources hold their URI. */
const ToolName = z.string().min(1).max(2_048)
const Time = z.int().min(0)

/** Fields that narrow a list of calls. */
export const callFilter = {
  caller: Name.optional().describe('Id of the caller, e.g. `user:1718000000000`.'),
  tool: ToolName.optional().describe('Full name of the tool, prompt or resource, as the door knows it.'),
  source: Name.optional().describe('Module or alias that the tool comes from.'),
  kind: z
    .enum(Object.keys(KINDS) as [Kind, ...Kind[]])
    .optional()
    .describe('`operation`: what the gateway does itself; `dynamic`: other tools; `request`: what a server asked of a client.'),
  parentId: Time.optional().describe('Id of a call: only what is part of it.'),
  outcome: z
    .enum([...OUTCOMES, 'running', 'failed'])
    .optional()
    .describe('How it ended; `running`: not yet; `failed`: in any way but `ok`.'),
  transport: z.enum(['mcp', 'rest', 'web', 'cli', 'lane', 'system']).optional(),
  effect: z.enum(['read', 'write', 'erase']).optional(),
  since: Time.optional().describe('Began at this time or later, ms since the epoch.'),
  until: Time.optional().describe('Began at this time or before, ms since the epoch.'),
  consoleReads: z
    .boolean()
    .optional()
    .describe('false leaves out what pages of the console read to show themselves; statistics never count that.'),
  search: z.string().min(1).max(100).optional().describe('Part of the tool, the caller’s name, the message or the request id.'),
} as const

/** A call in a list. Times are ms since the epoch. */
export const Call = z.object({
  id: z.int(),
  requestId: z.string().describe('The same in the access log, the server log and the answer.'),
  begunAt: z.int(),
  finishedAt: z.int().nullable(),
  durationMs: z.number().nullable(),
  callerId: z.string(),
  callerName: z.string(),
  userId: z.int().nullable(),
  tokenId: z.int().nullable(),
  authPath: z.string().describe('How the caller proved who they are.'),
  transport: z.string(),
  tool: z.string(),
  source: z.string(),
  kind: z.string(),
  effect: z.string(),
  outcome: z.string().describe('`ok`, `running`, `tool_error`, `interrupted`, or the code of the fault.'),
  stage: z.string().nullable().describe('The stage of the door that refused or failed.'),
  code: z.string().nullable(),
  message: z.string().nullable(),
  parentId: z.int().nullable().describe('The call that it is part of.'),
})

/** A call in a list that shows parts under their call. */
export const NestedCall = Call.extend({
  parts: z.array(Call).optional().describe('Its first parts, in their order, where the list is nested.'),
  moreParts: z.boolean().optional().describe('Whether it has more parts than these.'),
})

/** Everything that is kept of one call. */
export const CallDetail = Call.extend({
  spans: z.array(z.object({ stage: z.enum(STAGES), startUs: z.int(), durationUs: z.int() })),
  request: z.unknown().describe('The arguments, redacted; null when there were none or they were purged.'),
  response: z.unknown().describe('The answer, redacted; null when there was none or it was purged.'),
  requestDigest: z.string().nullable().describe('SHA-256 of the kept arguments, base64url; stays when they are purged.'),
  responseDigest: z.string().nullable(),
  payloadsPurged: z.boolean(),
  begunLink: z.int().nullable().describe('Number of its link in the hash chain.'),
  finishedLink: z.int().nullable(),
})

/** What is wrong with a chain, and where. */
export const Break = z.object({
  link: z.int().nullable(),
  id: z.int().nullable().describe('Id of the row that the link is about.'),
  reason: z.string(),
})

/** Percentiles and counts of a tool. */
export const ToolStats = z.object({
  tool: z.string(),
  calls: z.int(),
  failed: z.int(),
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
})
