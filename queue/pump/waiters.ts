import type { Fault } from '../../src/contract/fault.ts'
import { NumberMap } from '../../src/core/churn/number-map.ts'
import type { JobEnd } from './job-end.ts'

/** Somebody who waits for a job. */
export interface Waiter {
  /** Until when the job has to have its turn, by the steady clock; undefined once it had. */
  turnBy: number | undefined
  /** How long it was to wait for that turn. */
  readonly maxWaitMs: number
  readonly onChunk: ((chunk: unknown) => void) | undefined
  /** The job is over. */
  end(end: JobEnd): void
  /** Nobody will know how it ends. */
  fail(fault: Fault): void
}

/** Who waits for which job. */
export class Waiters {
  readonly #byJob = new NumberMap<Waiter[]>()

  get size(): number {
    return this.#byJob.size
  }

  add(id: number, waiter: Waiter): void {
    const others = this.#byJob.get(id)
    if (others) others.push(waiter)
    else this.#byJob.set(id, [waiter])
  }

  of(id: number): readonly Waiter[] {
    return this.#byJob.get(id) ?? []
  }

  /** @returns whether nobody waits for the job any more */
  remove(id: number, waiter: Waiter): boolean {
    const rest = this.of(id).filter((one) => one !== waiter)
    if (rest.length > 0) this.#byJob.set(id, rest)
    else this.#byJob.delete(id)
    return rest.length === 0
  }

  entries(): Iterable<[id: number, waiters: readonly Waiter[]]> {
    return this.#byJob.entries()
  }

  /** A worker has it. */
  hasTurn(id: number): void {
    for (const waiter of this.of(id)) waiter.turnBy = undefined
  }

  end(id: number, end: JobEnd): void {
    const waiters = this.#byJob.get(id)
    if (waiters === undefined) return
    this.#byJob.delete(id)
    for (const waiter of waiters) waiter.end(end)
  }

  fail(id: number, fault: Fault): void {
    const waiters = this.of(id)
    this.#byJob.delete(id)
    for (const waiter of waiters) waiter.fail(fault)
  }
}
