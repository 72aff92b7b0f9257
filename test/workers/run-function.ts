import { createHash } from 'node:crypto'
import type { FunctionProgram } from '../../queue/function.lane.ts'
import { TaskAskError } from '../../queue/lane.ts'
import type { Host, Outcome } from '../../workers/function/backend.ts'
import { openWasmBackend } from '../../workers/function/wasm-backend.ts'

/** How one function is run. */
export interface Run {
  readonly input?: unknown
  readonly language?: 'javascript' | 'typescript' | 'wasm'
  readonly limits?: Partial<FunctionProgram['limits']>
  readonly nowMs?: number
  readonly seed?: number
  readonly callTool?: Host['callTool']
}

/** How it ended. */
export interface Ran {
  readonly outcome: Outcome
  /** Parsed; undefined where there is none. */
  readonly output: unknown
  readonly lines: readonly string[]
  readonly tookMs: number
}

const LIMITS = { memoryBytes: 33_554_432, timeoutMs: 2_000, maxOutputBytes: 65_536, maxLogBytes: 65_536 }
const backend = await openWasmBackend()

const programOf = (source: string, { language = 'javascript', limits }: Run = {}): FunctionProgram => ({
  hash: createHash('sha256').update(source).digest('hex'),
  language,
  backend: 'wasm',
  image: null,
  limits: { ...LIMITS, ...limits },
})

/** Run a function in this very thread, as a worker's thread would. */
export async function runFunction(source: string, run: Run = {}): Promise<Ran> {
  const program = programOf(source, run)
  const lines: string[] = []
  const startedAt = performance.now()
  const outcome = await backend.run(
    {
      program,
      source: async () => source,
      input: JSON.stringify(run.input ?? null),
      nowMs: run.nowMs ?? null,
      seed: run.seed ?? null,
    },
    {
      signal: AbortSignal.timeout(program.limits.timeoutMs),
      deadline: Date.now() + program.limits.timeoutMs,
      log: (level, text) => void lines.push(`${level} ${text}`),
      callTool: run.callTool ?? (() => Promise.reject(new TaskAskError('not_found', 'There is no such tool.'))),
    },
  )
  const tookMs = performance.now() - startedAt
  return { outcome, output: outcome.ok ? JSON.parse(outcome.output) : undefined, lines, tookMs }
}

/** What is wrong with a source. */
export const checkFunction = async (source: string, language: 'javascript' | 'typescript' | 'wasm' = 'javascript') =>
  await backend.check(programOf(source, { language }), source, AbortSignal.timeout(5_000))
