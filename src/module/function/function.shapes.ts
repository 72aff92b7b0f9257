import { z } from 'zod'
import { definitionFields, FunctionName } from './definition.ts'

/** Where a function stands. */
export const STATES = ['draft', 'published', 'disabled'] as const

/** One function in a list. */
export const FunctionSummary = z.object({
  name: FunctionName,
  tool: z.string().describe('What agents call'),
  title: z.string(),
  description: z.string(),
  language: definitionFields.language,
  backend: z.string(),
  effect: definitionFields.effect,
  state: z.enum(STATES).describe('draft: never published; disabled: switched off, its tool is gone'),
  version: z.int().nullable().describe('What calls run; null while there is none'),
  changed: z.boolean().describe('The draft is another than that version'),
  calls: z.int().describe('Runs of the last 24 hours, tests included'),
  failures: z.int().describe('Those of them that gave no result'),
  createdAt: z.int(),
  createdBy: z.string(),
  updatedAt: z.int(),
  updatedBy: z.string(),
})

/** A definition as it is shown. */
const ShownDefinition = z.object(definitionFields)

/** One function with its draft. */
export const FunctionDetail = FunctionSummary.extend({ draft: ShownDefinition, source: z.string() })

/** One version in a list. */
export const VersionSummary = z.object({
  name: z.string(),
  version: z.int(),
  current: z.boolean().describe('Calls run it'),
  sourceHash: z.string().describe('SHA-256, hex'),
  note: z.string(),
  publishedAt: z.int(),
  publishedBy: z.string(),
})

/** Line by line how one text became another. */
const Diff = z.array(z.object({ sign: z.enum([' ', '+', '-']), text: z.string() })).nullable()

/** One version, which never changes. */
export const VersionDetail = VersionSummary.extend({
  definition: ShownDefinition,
  source: z.string(),
  diff: Diff.describe('Of its source, from the version it was compared with; null without one, or where both are too long'),
  definitionDiff: Diff.describe('The same of its definition as JSON; null also where nothing of it changed'),
})

/** One run in a list. */
export const InvocationSummary = z.object({
  id: z.int(),
  jobId: z.int().describe('In the lane function'),
  name: z.string(),
  version: z.int().nullable().describe('null: the draft'),
  asked: z.enum(['call', 'test', 'submit']),
  callerId: z.string(),
  callerName: z.string(),
  tokenId: z.int().nullable(),
  requestId: z.string(),
  depth: z.int().describe('How many functions stood above it'),
  startedAt: z.int().nullable(),
  endedAt: z.int().nullable(),
  durationMs: z.number().nullable(),
  outcome: z.enum(['waiting', 'ok', 'failed', 'cancelled']),
  reason: z
    .string()
    .nullable()
    .describe('thrown, compile, memory, output, json, schema, timeout, crash; lost: no attempt came to an end'),
  message: z.string().nullable(),
})

export const LogLine = z.object({ atMs: z.number().describe('Since it began'), level: z.string(), text: z.string() })

/** One run with its logs. */
export const InvocationDetail = InvocationSummary.extend({
  logs: z.array(LogLine),
  logsCut: z.boolean().describe('There were more than its limit takes'),
})
