import { type ChildProcess, spawn } from 'node:child_process'
import type { Log } from '../contract/house.ts'
import type { ProcessState } from '../contract/process.ts'
import { allocatorEnv } from './allocator-env.ts'
import { asChildMessage, type Plan, type ProcessesMessage } from './message.ts'
import { REFUSED_CODE } from './parent.ts'
import { nextStart, type RestartPolicy } from './restart-policy.ts'
import { killGroup, killTree } from './signal-tree.ts'

/** What is to run. */
export interface ChildSpec {
  /** `front`, `worker-1`, …; unique. */
  readonly name: string
  /** The front is stopped first, while those who work for it still do. */
  readonly role: 'front' | 'worker'
  /** After the program. */
  readonly argv: readonly string[]
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** What a child stands in. */
export interface ChildParts {
  /** Absolute path of the program that Node runs. */
  readonly program: string
  readonly log: Log
  /** A clock that nobody sets, in ms. */
  readonly steadyMs: () => number
  /** 0 to 1. */
  readonly random: () => number
  readonly policy: RestartPolicy
  /** From TERM to a second TERM, in ms, until a plan says otherwise. */
  readonly stopMs: number
  /** From the second TERM to KILL, in ms. */
  readonly killAfterMs: number
  readonly changed: () => void
  readonly planned: (plan: Plan) => void
  /** It will not be started again. @param why undefined where it has said so itself */
  readonly gaveUp: (why: string | undefined) => void
}

/** One supervised process: started, started again, stopped. */
export class Child {
  readonly spec: ChildSpec
  readonly #parts: ChildParts
  readonly #over = Promise.withResolvers<boolean>()
  #running: ChildProcess | undefined
  #state: ProcessState['state'] = 'starting'
  #lastEnd: string | null = null
  #restarts = 0
  #again: readonly string[] = []
  /** When it ended since it was last healthy. */
  #ends: number[] = []
  #readyAt: number | undefined
  #wasReady = false
  #stopMs: number
  #phase: 'up' | 'stopping' | 'hurried' = 'up'
  #timer: NodeJS.Timeout | undefined

  constructor(spec: ChildSpec, parts: ChildParts) {
    this.spec = spec
    this.#parts = parts
    this.#stopMs = parts.stopMs
  }

  state(): ProcessState {
    return {
      name: this.spec.name,
      pid: this.#running?.pid ?? null,
      state: this.#state,
      restarts: this.#restarts,
      lastEnd: this.#lastEnd,
      vitals: null,
    }
  }

  start(): void {
    this.#readyAt = undefined
    const child = launch([this.#parts.program, ...this.spec.argv, ...this.#again], this.spec.env)
    this.#running = child
    child.on('message', (raw) => this.#hear(raw))
    child.on('error', (cause) => child.pid === undefined && this.#ended(child, `could not be started (${codeOf(cause)})`))
    child.once('exit', (code, signal) => this.#ended(child, describeEnd(code, signal)))
    this.#become('starting')
  }

  send(message: ProcessesMessage): void {
    // That it is gone is told by its exit.
    if (this.#running?.connected) this.#running.send(message, () => {})
  }

  /** TERM, and everything harder that it takes. @returns whether it ended well by itself */
  stop(): Promise<boolean> {
    if (this.#phase === 'up') this.#askToStop()
    return this.#over.promise
  }

  /** A second TERM, and soon after KILL of all that descends from it. Nothing is started again. */
  hurry(): void {
    this.#phase = 'hurried'
    clearTimeout(this.#timer)
    const late = this.#running
    if (late?.pid === undefined) {
      this.#over.resolve(true)
      return
    }
    late.kill('SIGTERM')
    this.#timer = setTimeout(killTree, this.#parts.killAfterMs, late.pid)
  }

  #askToStop(): void {
    this.#phase = 'stopping'
    clearTimeout(this.#timer)
    if (this.#running === undefined) {
      this.#over.resolve(true)
      return
    }
    this.#running.kill('SIGTERM')
    this.#timer = setTimeout(() => {
      this.#parts.log.warn({ process: this.spec.name, afterMs: this.#stopMs }, 'process.stop_overdue')
      this.hurry()
    }, this.#stopMs)
    this.#become('stopping')
  }

  #become(state: ProcessState['state']): void {
    this.#state = state
    this.#parts.changed()
  }

  #hear(raw: unknown): void {
    const message = asChildMessage(raw)
    if (message?.kind === 'plan') this.#plan(message)
    else if (message?.kind === 'ready' && this.#phase === 'up') this.#ready(message.again)
  }

  #plan(plan: Plan): void {
    this.#stopMs = plan.stopMs
    this.#parts.planned(plan)
  }

  #ready(again: readonly string[] = []): void {
    this.#again = again
    this.#readyAt = this.#parts.steadyMs()
    this.#wasReady = true
    this.#become('running')
  }

  #ended(child: ChildProcess, how: string): void {
    this.#running = undefined
    this.#lastEnd = how
    clearTimeout(this.#timer)
    // What it started in its own group goes with it.
    if (child.pid !== undefined) killGroup(child.pid)
    if (this.#phase === 'up') this.#endedUnasked(child.exitCode, how)
    else this.#over.resolve(child.exitCode === 0 || child.signalCode === 'SIGTERM')
    this.#parts.changed()
  }

  #endedUnasked(code: number | null, how: string): void {
    const { steadyMs, policy, random } = this.#parts
    const endedAt = steadyMs()
    if (this.#readyAt !== undefined && endedAt - this.#readyAt >= policy.healthyMs) this.#ends = []
    this.#ends.push(endedAt)
    const refused = code === REFUSED_CODE && !this.#wasReady
    const next = nextStart(this.#ends, policy, random())
    if (refused) this.#giveUp(undefined)
    else if (next !== 'give-up') this.#startIn(next)
    else if (this.spec.role === 'worker' && this.#wasReady) this.#rest(how)
    else this.#giveUp(`${crashLoop(this.spec.name, policy, how)}, so it is not started again. What it wrote above says why.`)
  }

  /** Whoever can make a worker fail must not end the gateway with it. */
  #rest(how: string): void {
    const { policy, log } = this.#parts
    const reason = `${crashLoop(this.spec.name, policy, how)}, so it is started again in ${policy.restMs / 1_000} s.`
    log.error({ process: this.spec.name, reason }, 'process.crash_loop')
    this.#ends = []
    this.#state = 'failed'
    this.#timer = setTimeout(() => this.#startAgain(), policy.restMs)
  }

  #startIn(delayMs: number): void {
    this.#parts.log.warn({ process: this.spec.name, end: this.#lastEnd, startsInMs: delayMs }, 'process.ended')
    this.#timer = setTimeout(() => this.#startAgain(), delayMs)
    this.#state = 'waiting'
  }

  #startAgain(): void {
    this.#restarts += 1
    this.start()
  }

  #giveUp(why: string | undefined): void {
    this.#state = 'failed'
    this.#parts.gaveUp(why)
  }
}

/** The leader of a group of its own, so that Ctrl-C reaches it through the supervisor alone, which knows the order. */
const launch = (argv: readonly string[], env: ChildSpec['env']): ChildProcess =>
  spawn(process.execPath, [...process.execArgv, ...argv], {
    detached: true,
    env: { ...allocatorEnv, ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })

const describeEnd = (code: number | null, signal: NodeJS.Signals | null): string =>
  signal === null ? `code ${code}` : `signal ${signal}`

const codeOf = (cause: Error): string => (cause as NodeJS.ErrnoException).code ?? cause.message

const crashLoop = (name: string, { maxEnds, windowMs }: RestartPolicy, how: string): string =>
  `The process ${name} ended ${maxEnds} times within ${windowMs / 1_000} s, the last time with ${how}`
