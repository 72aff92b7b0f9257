import type { z } from 'zod'
import type { FunctionFailure, FunctionLogLevel, FunctionProgram, SourceProblem } from '../../queue/function.lane.ts'

/** What runs functions of some languages in isolation. All backends pass `test/workers/backend.conformance.ts`. */
export interface Backend {
  /** As in `program.backend`. */
  readonly name: string
  readonly languages: readonly FunctionProgram['language'][]
  /** What is wrong with a source, found without running it where that can be done. Empty: it can be run. */
  check(program: FunctionProgram, source: string, signal: AbortSignal): Promise<readonly z.output<typeof SourceProblem>[]>
  /**
   * Run a function once, with no state of any earlier run. Nothing that the function does makes it reject: it rejects only where trying again
   * may help (e.g. an engine that is not reachable).
   */
  run(invocation: Invocation, host: Host): Promise<Outcome>
}

/** One run of a function. */
export interface Invocation {
  readonly program: FunctionProgram
  /** The program's source; asked for where the backend has nothing prepared for `program.hash`. */
  source(): Promise<string>
  /** JSON text. */
  readonly input: string
  /** Frozen clock, ms since the epoch; null for the real one. */
  readonly nowMs: number | null
  /** Of the dice; null for real ones. */
  readonly seed: number | null
}

/** What a run may ask for. */
export interface Host {
  /** Aborts when the run has to stop: called off, or out of time. */
  readonly signal: AbortSignal
  /** When the run has to be over, ms since the epoch. A run that is not gives `timeout`. */
  readonly deadline: number
  /** Keep a line. What is beyond the program's limit is dropped. */
  log(level: FunctionLogLevel, text: string): void
  /**
   * Call a tool as the function's caller. JSON text in and out.
   *
   * @throws TaskAskError with the fault's code
   */
  callTool(name: string, args: string): Promise<string>
}

/** How a run ended. */
export type Outcome =
  /** `output` is JSON text; the frame judges it by limit and schema. A backend never reads more of it than `limits.maxOutputBytes` + 1. */
  { readonly ok: true; readonly output: string } | Failed

/** Why there is no output. */
export interface Failed {
  readonly ok: false
  readonly reason: FunctionFailure
  /** Safe to show to the author; with line and column of the author's source where known. */
  readonly message: string
}
