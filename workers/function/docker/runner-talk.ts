import { z } from 'zod'
import type { Host, Invocation, Outcome } from '../backend.ts'
import { failed, outputTooLarge, printedOutput } from '../outcome.ts'
import type { Conversation } from './conversation.ts'
import { exitFailure } from './exit-failure.ts'
import type { Channel } from './frames.ts'
import { Lines } from './lines.ts'
import { StderrLog } from './stderr-log.ts'
import { ToolCalls } from './tool-calls.ts'

/** Longest line besides the result, in bytes: calls of tools, lines of the log. */
const MAX_LINE_BYTES = 1_310_720

const Logged = z.tuple([z.enum(['debug', 'info', 'warn', 'error']), z.string()])
const Failure = z.object({ reason: z.enum(['thrown', 'compile', 'memory', 'json']), message: z.string() })

/**
 * The runners' protocol. Each line is a letter and JSON.
 *
 * To the container: one line with the source and the input, then an answer for each call. From it: `L` a line of the log, `C` a call of a tool,
 * and at last `R` the result or `X` why there is none. The function can write such lines itself; they allow it nothing that it may not do anyway.
 */
export class RunnerTalk implements Conversation {
  readonly over: Promise<Outcome>
  readonly #invocation: Invocation
  readonly #source: string
  readonly #host: Host
  readonly #calls: ToolCalls
  readonly #lines: Lines
  readonly #log: StderrLog
  readonly #end: (outcome: Outcome) => void

  constructor(invocation: Invocation, source: string, host: Host) {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    const { maxOutputBytes } = invocation.program.limits
    this.over = promise
    this.#end = resolve
    this.#invocation = invocation
    this.#source = source
    this.#host = host
    this.#calls = new ToolCalls(host)
    this.#log = new StderrLog(host)
    this.#lines = new Lines(
      Math.max(MAX_LINE_BYTES, maxOutputBytes + 1),
      (line) => this.#hearLine(line),
      () => resolve(outputTooLarge(maxOutputBytes)),
    )
  }

  begin(stdin: NodeJS.WritableStream): void {
    const { input, nowMs, seed } = this.#invocation
    stdin.write(`${JSON.stringify({ mode: 'run', source: this.#source, input, nowMs, seed })}\n`)
    this.#calls.begin(stdin)
  }

  hear(channel: Channel, bytes: Buffer): void {
    if (channel === 'stderr') this.#log.push(bytes)
    else this.#lines.push(bytes)
  }

  exited(code: number | null): Outcome {
    this.#log.end()
    return exitFailure(code, this.#log.tail)
  }

  #hearLine(line: string): void {
    const body = line.slice(1)
    const kind = line[0]
    if (kind === 'L') this.#hearLog(body)
    else if (kind === 'C') this.#calls.hear(body)
    else if (kind === 'R') this.#end(this.#resultOf(body))
    else if (kind === 'X') this.#end(failureOf(body))
    else this.#host.log('info', line)
  }

  #hearLog(body: string): void {
    const logged = Logged.safeParse(parsed(body))
    if (logged.success) this.#host.log(...logged.data)
  }

  #resultOf(body: string): Outcome {
    return printedOutput(body, this.#invocation.program.limits.maxOutputBytes)
  }
}

function failureOf(body: string): Outcome {
  const failure = Failure.safeParse(parsed(body))
  if (failure.success) return { ok: false, ...failure.data }
  return failed('crash', 'The program failed without saying why.')
}

/** What a line says; `undefined` where it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
