import type { Host, Invocation, Outcome } from '../backend.ts'
import { MAX_MEMORY_BYTES } from '../max-memory.ts'
import { failed, outputOf, TIMED_OUT } from '../outcome.ts'
import type { Engine } from './engine.ts'
import { engines } from './engines.ts'
import { failureOfGuest, failureOfStep, placed, STUCK, STUCK_LOADING } from './failure.ts'
import { GuestRun } from './guest-run.ts'
import { GuestError } from './guest-text.ts'
import { type Program, programOf } from './program.ts'
import { TranspileError } from './transpile.ts'

/** Run a JavaScript or TypeScript function once, in an engine that is as new. */
export async function runScript(invocation: Invocation, host: Host): Promise<Outcome> {
  let program: Program
  try {
    program = await programOf(invocation)
  } catch (thrown) {
    if (!(thrown instanceof TranspileError)) throw thrown
    return failed('compile', placed('SyntaxError', thrown.message, thrown.position))
  }
  const engine = engines.take()
  let isWhole = false
  try {
    const outcome = await new ScriptRun(engine, program, invocation, host).outcome()
    isWhole = true
    return outcome
  } catch (thrown) {
    const failure = failureOfGuest(thrown, program.script)
    if (!failure) throw thrown
    return failure
  } finally {
    engines.giveBack(engine, isWhole)
  }
}

class ScriptRun {
  readonly #engine: Engine
  readonly #program: Program
  readonly #host: Host
  readonly #memoryBytes: number
  readonly #input: string
  readonly #run: GuestRun

  constructor(engine: Engine, program: Program, invocation: Invocation, host: Host) {
    this.#engine = engine
    this.#program = program
    this.#host = host
    this.#memoryBytes = Math.min(invocation.program.limits.memoryBytes, MAX_MEMORY_BYTES)
    this.#input = invocation.input
    this.#run = new GuestRun(invocation, host)
  }

  /** @throws whatever the engine throws */
  async outcome(): Promise<Outcome> {
    const failure = this.#inTime(() => this.#begin())
    if (failure) return failure
    while (!this.#run.settlement) {
      if (!this.#run.isWaiting) return STUCK
      const answers = await this.#run.answers()
      if (!answers) return TIMED_OUT
      this.#inTime(() => {
        for (const answer of answers) this.#engine.step(...answer)
        this.#drain()
      })
    }
    const { settlement } = this.#run
    return settlement.kind === 'done'
      ? outputOf(settlement.text, this.#run.maxOutputBytes)
      : failureOfStep(settlement, this.#program.script)
  }

  #begin(): Outcome | undefined {
    const { image } = this.#program
    this.#engine.begin(this.#run, this.#memoryBytes, image)
    if (!image) {
      const failure = this.#load()
      if (failure) return failure
    }
    this.#engine.step('start', this.#input)
    this.#drain()
    return undefined
  }

  /** Evaluate the module, and keep how the engine looks then where that is the same for every run. */
  #load(): Outcome | undefined {
    try {
      this.#engine.load(this.#program.script.code)
    } catch (thrown) {
      const failure = thrown instanceof GuestError ? failureOfGuest(thrown, this.#program.script) : undefined
      if (failure?.reason !== 'thrown') throw thrown
      return { ...failure, reason: 'compile' }
    }
    this.#drain()
    const { settlement } = this.#run
    if (!settlement) return STUCK_LOADING
    if (settlement.kind !== 'loaded') return failureOfStep(settlement, this.#program.script)
    this.#run.settlement = undefined
    if (!this.#run.isTouched && this.#engine.isReusable) this.#program.image = this.#engine.image()
    return undefined
  }

  #drain(): void {
    this.#engine.drain(() => this.#run.settlement !== undefined)
  }

  /** Nothing the guest does can outlast it, loops inside the engine included. */
  #inTime<T>(work: () => T): T {
    return this.#engine.inTime(work, Math.max(1, Math.ceil(this.#host.deadline - Date.now())))
  }
}
