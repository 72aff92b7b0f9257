import type { z } from 'zod'
import type { functionLane } from '../../queue/function.lane.ts'
import type { TaskContext } from '../../queue/lane.ts'
import { Fault } from '../../src/contract/fault.ts'
import { backendOf } from './backends.ts'
import { LogBook } from './log-book.ts'
import { namingLimit } from './naming-limit.ts'
import { judgeOutput } from './output-judge.ts'
import { requireLanguage } from './require-language.ts'
import { openRunHost } from './run-host.ts'
import { sourceOf } from './source-of.ts'

type Invoke = Extract<z.output<typeof functionLane.payload>, { kind: 'invoke' }>
type Invoked = Extract<z.output<typeof functionLane.result>, { kind: 'invoked' }>

/** Run a function once. @throws BackendRefusal, TaskAskError where its source cannot be had, the signal's reason where it was called off */
export async function invoke({ program, input, outputSchema, nowMs, seed }: Invoke, context: TaskContext): Promise<Invoked> {
  const backend = await backendOf(program.backend, context)
  requireLanguage(backend, program)
  const logs = new LogBook(program.limits.maxLogBytes)
  const startedAt = performance.now()
  const host = openRunHost(context, program.limits.timeoutMs, logs)
  try {
    const source = (): Promise<string> => sourceOf(program.hash, context)
    const outcome = await backend.run({ program, source, input: JSON.stringify(input ?? null), nowMs, seed }, host)
    if (!outcome.ok && wasCalledOff(context.signal)) throw context.signal.reason
    return {
      kind: 'invoked',
      outcome: judgeOutput(namingLimit(outcome, program), outputSchema),
      logs: [...logs.lines],
      logsCut: logs.isCut,
      durationMs: Math.round((performance.now() - startedAt) * 1_000) / 1_000,
    }
  } finally {
    host.close()
  }
}

/** Somebody did it, not the clock. */
const wasCalledOff = ({ reason }: AbortSignal): boolean => reason instanceof Fault && reason.code === 'cancelled'
