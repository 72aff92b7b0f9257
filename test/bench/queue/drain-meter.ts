/** How long a drain is looked at, from its first job on. The same for every contestant. */
export interface DrainSpans {
  /** Of the program that starts, compiles and fills its caches. */
  readonly coldMs: number
  /** Of the measured one, after that. */
  readonly warmMs: number
}

/** Jobs per second. */
export interface DrainRates {
  readonly cold: number
  readonly warm: number
}

interface Mark {
  readonly jobs: number
  readonly atMs: number
}

/** Follows a backlog that is worked off, by how much of it is done. */
export class DrainMeter {
  readonly #backlog: number
  readonly #spans: DrainSpans
  #first: Mark | undefined
  #warmedUp: Mark | undefined
  #end: Mark | undefined

  constructor(backlog: number, spans: DrainSpans) {
    this.#backlog = backlog
    this.#spans = spans
  }

  /** So many jobs are done by now. */
  saw(jobs: number): void {
    if (jobs === 0 || this.#end) return
    const now: Mark = { jobs, atMs: performance.now() }
    this.#first ??= now
    const { coldMs, warmMs } = this.#spans
    const sinceFirst = now.atMs - this.#first.atMs
    if (sinceFirst >= coldMs) this.#warmedUp ??= now
    if (sinceFirst >= coldMs + warmMs || jobs >= this.#backlog) this.#end = now
  }

  /** @throws Error where the backlog was over before half of the measured time was */
  rates(): DrainRates {
    const [first, warmedUp, end] = [this.#first, this.#warmedUp, this.#end]
    if (!first || !warmedUp || !end || end.atMs - warmedUp.atMs < this.#spans.warmMs / 2)
      throw new Error(`A backlog of ${this.#backlog} jobs is too short to be measured on this machine.`)
    return { cold: rateOf(first, warmedUp), warm: rateOf(warmedUp, end) }
  }
}

const rateOf = (from: Mark, to: Mark): number => ((to.jobs - from.jobs) / (to.atMs - from.atMs)) * 1_000
