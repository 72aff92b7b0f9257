import { z } from 'zod'
import type { Scope } from '../../contract/operation.ts'
import { createArgumentJudge } from '../../core/schema/argument-judge.ts'
import { requireNoProblems, schemaProblems } from './check-draft.ts'
import type { FunctionRow } from './function.schema.ts'
import { LogLine } from './function.shapes.ts'
import type { FunctionStore } from './function.store.ts'
import { type Draft, hashOf } from './function-rows.ts'
import { invoke } from './invoke.ts'

/** What a test showed. */
export const Tested = z.object({
  ok: z.boolean(),
  output: z.unknown().describe('What it gave; null without a result'),
  reason: z.string().nullable().describe('Why it gave none: thrown, compile, memory, output, json, schema, timeout or crash'),
  message: z.string().nullable(),
  logs: z.array(LogLine),
  logsCut: z.boolean(),
  durationMs: z.number(),
})

interface Trial {
  readonly input: Readonly<Record<string, unknown>>
  readonly nowMs?: number | undefined
  readonly seed?: number | undefined
}

/** Run a draft once. That it fails is an answer. @throws Fault `invalid` for an input that its schema refuses, or whatever `invoke` throws */
export async function testDraft(
  store: FunctionStore,
  { id, name }: FunctionRow,
  { definition, source }: Draft,
  { input, nowMs, seed }: Trial,
  { caller, signal, requestId, visitId }: Pick<Scope<FunctionStore>, 'caller' | 'signal' | 'requestId' | 'visitId'>,
): Promise<z.input<typeof Tested>> {
  requireNoProblems([
    ...schemaProblems('inputSchema', definition.inputSchema),
    ...schemaProblems('outputSchema', definition.outputSchema),
  ])
  createArgumentJudge(definition.inputSchema)(input)
  const hash = hashOf(source)
  const runnable = { functionId: id, name, version: null, hash, definition }
  const asking = { caller, asked: 'test', requestId, sessionKey: `${caller.id}/test`, depth: 0, visitId, nowMs, seed } as const
  const { outcome, logs, logsCut, durationMs } = await store.drafts.during(hash, source, () =>
    invoke(store.house, runnable, input, asking, { signal }),
  )
  return {
    ok: outcome.ok,
    output: outcome.ok ? (outcome.output ?? null) : null,
    reason: outcome.ok ? null : outcome.reason,
    message: outcome.ok ? null : outcome.message,
    logs,
    logsCut,
    durationMs,
  }
}
