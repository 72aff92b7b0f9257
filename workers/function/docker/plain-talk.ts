import type { Host, Invocation, Outcome } from '../backend.ts'
import { outputTooLarge, printedOutput } from '../outcome.ts'
import type { Conversation } from './conversation.ts'
import { exitFailure } from './exit-failure.ts'
import type { Channel } from './frames.ts'
import { StderrLog } from './stderr-log.ts'

/** An image that is the function itself: JSON on standard input, JSON on standard output, lines of its log on standard error, exit code 0. */
export class PlainTalk implements Conversation {
  readonly over: Promise<Outcome>
  readonly #input: string
  readonly #maxBytes: number
  readonly #log: StderrLog
  readonly #end: (outcome: Outcome) => void
  readonly #parts: Buffer[] = []
  #bytes = 0

  constructor({ input, program }: Invocation, host: Host) {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.over = promise
    this.#end = resolve
    this.#input = input
    this.#maxBytes = program.limits.maxOutputBytes
    this.#log = new StderrLog(host)
  }

  begin(stdin: NodeJS.WritableStream): void {
    stdin.end(this.#input)
  }

  hear(channel: Channel, bytes: Buffer): void {
    if (channel === 'stderr') this.#log.push(bytes)
    else this.#keep(bytes)
  }

  exited(code: number | null): Outcome {
    this.#log.end()
    return code === 0
      ? printedOutput(Buffer.concat(this.#parts).toString('utf8').trim(), this.#maxBytes)
      : exitFailure(code, this.#log.tail)
  }

  #keep(bytes: Buffer): void {
    this.#bytes += bytes.length
    if (this.#bytes > this.#maxBytes) this.#end(outputTooLarge(this.#maxBytes))
    else this.#parts.push(bytes)
  }
}
