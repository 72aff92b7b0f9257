import type { Host } from '../backend.ts'
import { Lines } from './lines.ts'

/** Longer lines are dropped from where they are too long. */
const MAX_LINE_BYTES = 16_384
/** How much of the last words is looked at for why a program died. */
const TAIL_CHARS = 8_192

/** Standard error of a container as log lines. */
export class StderrLog {
  readonly #lines: Lines
  #tail = ''

  constructor(host: Pick<Host, 'log'>) {
    const keep = (line: string): void => {
      this.#tail = `${this.#tail}\n${line}`.slice(-TAIL_CHARS)
      host.log('warn', line)
    }
    this.#lines = new Lines(MAX_LINE_BYTES, keep, () => host.log('warn', '(a line that was too long to keep)'))
  }

  push(bytes: Buffer): void {
    this.#lines.push(bytes)
  }

  end(): void {
    this.#lines.end()
  }

  /** What was said last. */
  get tail(): string {
    return this.#tail
  }
}
