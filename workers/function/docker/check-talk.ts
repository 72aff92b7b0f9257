import { z } from 'zod'
import { SourceProblem } from '../../../queue/function.lane.ts'
import type { Conversation } from './conversation.ts'
import { exitFailure } from './exit-failure.ts'
import type { Channel } from './frames.ts'
import { Lines } from './lines.ts'

const MAX_LINE_BYTES = 65_536

type Problems = readonly z.output<typeof SourceProblem>[]

/** Asks a runner whether it can compile a source. It answers with one line, `P` and a list. */
export class CheckTalk implements Conversation<Problems> {
  readonly over: Promise<Problems>
  readonly #source: string
  readonly #lines: Lines

  constructor(source: string) {
    const { promise, resolve } = Promise.withResolvers<Problems>()
    this.over = promise
    this.#source = source
    const unclear = (): void => resolve([aside('The compiler said more than can be kept.')])
    this.#lines = new Lines(MAX_LINE_BYTES, (line) => line.startsWith('P') && resolve(problemsOf(line.slice(1))), unclear)
  }

  begin(stdin: NodeJS.WritableStream): void {
    stdin.write(`${JSON.stringify({ mode: 'check', source: this.#source })}\n`)
  }

  hear(channel: Channel, bytes: Buffer): void {
    if (channel === 'stdout') this.#lines.push(bytes)
  }

  exited(code: number | null): Problems {
    return [aside(exitFailure(code, '').message)]
  }
}

/** A problem that lies nowhere in the source. */
export const aside = (message: string): Problems[number] => ({ line: null, column: null, message })

function problemsOf(body: string): Problems {
  try {
    return z.array(SourceProblem).parse(JSON.parse(body))
  } catch {
    return [aside('The compiler did not answer as expected.')]
  }
}
