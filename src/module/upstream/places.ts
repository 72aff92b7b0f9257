import type { Release } from '../../contract/tool.ts'
import type { Visit } from '../../contract/visit.ts'
import { NumberMap } from '../../core/churn/number-map.ts'
import type { Gate } from './gate.ts'

/** Who holds which place at a server, so that it can be given back before the call ends. */
export class Places {
  readonly #gate: Gate
  /** By the id of the visit. */
  readonly #held = new NumberMap<Release>()
  readonly #count: number

  /** @param count how many places there are */
  constructor(gate: Gate, count: number) {
    this.#gate = gate
    this.#count = count
  }

  /** Take one. @throws Fault `busy`, `cancelled` */
  enter(visit: Visit): Release | Promise<Release> {
    const entered = this.#gate.enter(visit.signal)
    return entered instanceof Promise ? entered.then((release) => this.#hold(visit, release)) : this.#hold(visit, entered)
  }

  /**
   * Give the place of a call back for good: its client is asked, and how long people think is no work for the server.
   *
   * An only place is kept, because it is there so that calls follow each other.
   */
  leave(visit: Visit): void {
    if (this.#count > 1) this.#held.get(visit.id)?.()
  }

  #hold({ id }: Visit, release: Release): Release {
    this.#held.set(id, release)
    return () => {
      this.#held.delete(id)
      release()
    }
  }
}
