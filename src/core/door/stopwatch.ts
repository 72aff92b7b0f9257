import type { Span, Stage } from '../../contract/visit.ts'

/** Measures the stages of one visit; each stage ends where the next begins. */
export class Stopwatch {
  readonly spans: Span[] = []
  readonly #startMs = performance.now()
  #stage: Stage = 'find'
  #stageStartMs = this.#startMs

  /** The stage that the visit is in. */
  get stage(): Stage {
    return this.#stage
  }

  /** Since the visit began. */
  get elapsedMs(): number {
    return performance.now() - this.#startMs
  }

  enter(stage: Stage): void {
    const nowMs = performance.now()
    this.#close(nowMs)
    this.#stage = stage
    this.#stageStartMs = nowMs
  }

  /** Close the last stage. @returns ms since the visit began */
  stop(): number {
    const nowMs = performance.now()
    this.#close(nowMs)
    return nowMs - this.#startMs
  }

  #close(nowMs: number): void {
    const startUs = Math.round((this.#stageStartMs - this.#startMs) * 1_000)
    this.spans.push({ stage: this.#stage, startUs, durationUs: Math.round((nowMs - this.#stageStartMs) * 1_000) })
  }
}
