import type { z } from 'zod'
import type { Lane, LanePolicy, Verdict } from '../src/contract/lane.ts'

/** What a lane says of its policy; the rest is {@link DEFAULT_POLICY}. */
type Declaration<P extends z.ZodType, R extends z.ZodType> = Omit<Lane<P, R>, 'policy' | 'talks' | 'levels'> & {
  readonly talks?: boolean
  readonly levels?: number
  readonly policy?: Partial<LanePolicy>
}

const DEFAULT_POLICY: LanePolicy = {
  threads: 1,
  concurrency: 1,
  timeoutMs: 60_000,
  maxWaitMs: 30_000,
  maxAttempts: 1,
  retryBaseMs: 1_000,
  retryMaxMs: 300_000,
  perToken: 4,
  queuePerToken: 1_000,
  maxPayloadBytes: 4_194_304,
  maxResultBytes: 8_388_608,
  leaseMs: 30_000,
  retentionMs: 86_400_000,
}

/** Declare a lane once; front, ledger, workers and console derive the rest. */
export const defineLane = <P extends z.ZodType, R extends z.ZodType>(declaration: Declaration<P, R>): Lane<P, R> => ({
  talks: false,
  levels: 1,
  ...declaration,
  policy: { ...DEFAULT_POLICY, ...declaration.policy },
})

/** What a task may do besides computing. */
export interface TaskContext {
  readonly jobId: number
  readonly attempt: number
  /** When the attempt has to be over, ms since the epoch. The thread (where it runs one task) is killed shortly after. */
  readonly deadline: number
  /** Aborts when the job is called off or the deadline passes. */
  readonly signal: AbortSignal
  /** Ask the lane's handler in the front. Only in lanes that talk. @throws TaskAskError with the fault's code and message */
  ask(name: string, body: unknown): Promise<unknown>
  /** Report something to whoever waits. Only in lanes that talk. */
  chunk(chunk: unknown): void
}

/** What the front refused a task. */
export class TaskAskError extends Error {
  override readonly name = 'TaskAskError'
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

/** A task as the pool runs it: payload and verdict are judged by the lane's schemas. */
export type Task = (payload: unknown, context: TaskContext) => Promise<Verdict>

/** Bind a lane's work. The file `workers/<lane>.task.ts` exports it as default. */
export function implement<P extends z.ZodType, R extends z.ZodType>(
  lane: Lane<P, R>,
  work: (payload: z.output<P>, context: TaskContext) => Verdict<z.input<R>> | Promise<Verdict<z.input<R>>>,
): Task {
  return async (raw, context) => {
    const payload = lane.payload.safeParse(raw)
    if (!payload.success) return { kind: 'cancel', code: 'invalid', reason: `The payload does not fit the lane ${lane.name}.` }
    const verdict = await work(payload.data, context)
    if (verdict.kind !== 'done') return verdict
    const result = lane.result.safeParse(verdict.result)
    if (result.success) return { kind: 'done', result: result.data }
    return { kind: 'cancel', code: 'internal', reason: `The task of the lane ${lane.name} gave a result that does not fit it.` }
  }
}
