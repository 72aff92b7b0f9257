import { MAX_PER_FRAME } from '../wire/limits.ts'
import type { Seat } from './seat.ts'

/** How long a worker waits for them at most, in ms. */
const LATEST_MS = 20

interface Unsent {
  readonly ids: number[]
  readonly attempts: number[]
}

/**
 * What workers are told is on disk and may be forgotten.
 *
 * Nobody is in a hurry for it, so it goes with the next jobs: a write and a wake-up of its own would cost more than the job's.
 */
export class Acks {
  readonly #lane: string
  readonly #unsent = new Map<Seat, Unsent>()
  #timer: NodeJS.Timeout | undefined

  constructor(lane: string) {
    this.#lane = lane
  }

  add(seat: Seat, { id, attempt }: { readonly id: number; readonly attempt: number }): void {
    const unsent = this.#unsent.get(seat) ?? { ids: [], attempts: [] }
    this.#unsent.set(seat, unsent)
    unsent.ids.push(id)
    unsent.attempts.push(attempt)
    if (unsent.ids.length === MAX_PER_FRAME || seat.worker.isLeaving) this.flush(seat)
    else this.#timer ??= setTimeout(() => this.flush(), LATEST_MS)
  }

  /** To one worker, or to all. */
  flush(only?: Seat): void {
    for (const [seat, { ids, attempts }] of this.#unsent) {
      if (only !== undefined && seat !== only) continue
      seat.worker.connection.send({ t: 'ack', lane: this.#lane, ids, attempts })
      this.#unsent.delete(seat)
    }
    if (this.#unsent.size > 0) return
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
