import type { z } from 'zod'
import type { FunctionLogLevel, functionLane } from '../../queue/function.lane.ts'

type Line = Extract<z.output<typeof functionLane.result>, { kind: 'invoked' }>['logs'][number]

/** What an empty line takes too, so that a million of them do not fit into nothing. */
const LINE_BYTES = 32

/** The lines of one run, up to a limit of all together. */
export class LogBook {
  readonly #lines: Line[] = []
  readonly #maxBytes: number
  readonly #startedAt = performance.now()
  #bytes = 0
  #isCut = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get lines(): readonly Line[] {
    return this.#lines
  }

  /** Whether lines are missing at the end. */
  get isCut(): boolean {
    return this.#isCut
  }

  write(level: FunctionLogLevel, text: string): void {
    if (this.#isCut) return
    this.#bytes += Buffer.byteLength(text) + LINE_BYTES
    if (this.#bytes > this.#maxBytes) {
      this.#isCut = true
      return
    }
    this.#lines.push({ atMs: Math.round((performance.now() - this.#startedAt) * 10) / 10, level, text })
  }
}
