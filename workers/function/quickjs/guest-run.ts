import type { FunctionLogLevel } from '../../../queue/function.lane.ts'
import { TaskAskError } from '../../../queue/lane.ts'
import type { Host, Invocation } from '../backend.ts'
import { diceOf } from '../dice.ts'
import { MAX_ARGS_BYTES } from './engine-imports.ts'
import type { GuestHost, Settlement } from './guest-host.ts'

/** What `tools.call` came to, in the words of the prelude's step `answer`. */
type Answer = readonly ['answer', id: string, verdict: 'ok' | 'failed', body: string, code: string]

/** Calls of tools that one run has open at once. */
const MAX_OPEN_CALLS = 32

const isLevel = (level: string): level is FunctionLogLevel => ['debug', 'info', 'warn', 'error'].includes(level)

/** One run as its engine sees it: what it asked for, what came back, how it ended. */
export class GuestRun implements GuestHost {
  readonly maxOutputBytes: number
  /** Set when the present step is over. */
  settlement: Settlement | undefined
  /** Whether the guest has seen or done anything that another run might see or do differently. */
  isTouched = false
  readonly random: () => number
  readonly #host: Host
  readonly #nowMs: number | null
  readonly #answers: Answer[] = []
  #open = 0
  #wake: () => void = () => {}

  constructor({ program, nowMs, seed }: Invocation, host: Host) {
    this.maxOutputBytes = program.limits.maxOutputBytes
    this.#host = host
    this.#nowMs = nowMs
    let dice: (() => number) | undefined
    this.random = () => {
      this.isTouched = true
      dice ??= diceOf(seed)
      return dice()
    }
  }

  nowMs(): number {
    this.isTouched = true
    return this.#nowMs ?? Date.now()
  }

  log(level: string, text: string): void {
    this.isTouched = true
    this.#host.log(isLevel(level) ? level : 'info', text)
  }

  settle(settlement: Settlement): void {
    this.settlement ??= settlement
  }

  ask(id: string, name: string, args: string): void {
    if (this.#open >= MAX_OPEN_CALLS) {
      this.#answer(
        id,
        'failed',
        `A function may wait for ${MAX_OPEN_CALLS} calls at once. Await some before making more.`,
        'busy',
      )
    } else if (Buffer.byteLength(args) > MAX_ARGS_BYTES) {
      this.#answer(id, 'failed', `The arguments of a call may have ${MAX_ARGS_BYTES} bytes.`, 'too_large')
    } else {
      this.#open += 1
      this.#host.callTool(name, args).then(
        (body) => this.#closed(id, 'ok', body, ''),
        (error: unknown) =>
          error instanceof TaskAskError
            ? this.#closed(id, 'failed', error.message, error.code)
            : this.#closed(id, 'failed', 'The call failed inside the gateway.', 'internal'),
      )
    }
  }

  /** Nothing can be imported in a run: the engine has no loader then. */
  source(): string {
    return ''
  }

  /** Whether anything will come back that the guest may be waiting for. */
  get isWaiting(): boolean {
    return this.#open > 0 || this.#answers.length > 0
  }

  /** What came back since it was asked for last. Waits for something; `undefined` when the run was stopped. */
  async answers(): Promise<readonly Answer[] | undefined> {
    const { signal } = this.#host
    if (this.#answers.length === 0 && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#wake = resolve
      signal.addEventListener('abort', this.#wake, { once: true })
      await promise
      signal.removeEventListener('abort', this.#wake)
    }
    return signal.aborted ? undefined : this.#answers.splice(0)
  }

  #closed(...answer: [id: string, verdict: 'ok' | 'failed', body: string, code: string]): void {
    this.#open -= 1
    this.#answer(...answer)
  }

  #answer(id: string, verdict: 'ok' | 'failed', body: string, code: string): void {
    this.#answers.push(['answer', id, verdict, body, code])
    this.#wake()
  }
}
