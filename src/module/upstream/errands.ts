import { Fault } from '../../contract/fault.ts'
import type { Errand } from './errand.ts'

/** Of one caller; of these that have ended, the oldest is forgotten first. */
const MAX_PER_CALLER = 100
/** What all may take with what they ended with, result or error, in characters of JSON; the oldest are forgotten first. */
const MAX_CHARS = 33_554_432

/** All calls that go on as tasks of the gateway, each known to its caller alone. */
export class Errands {
  readonly #nowMs: () => number
  readonly #byId = new Map<string, Errand>()
  /** Characters of those that have ended, the oldest first. */
  readonly #ended = new Map<Errand, number>()
  #chars = 0

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  find(id: string): Errand | undefined {
    this.#sweep()
    return this.#byId.get(id)
  }

  /** @throws Fault `busy` where too many of its caller go on */
  add(errand: Errand): void {
    this.#sweep()
    const own = [...this.#byId.values()].filter(({ callerId }) => callerId === errand.callerId)
    if (own.length >= MAX_PER_CALLER) {
      const oldest = own.find(({ hasEnded }) => hasEnded)
      if (!oldest)
        throw new Fault('busy', `${MAX_PER_CALLER} tasks of yours go on, which is the limit. Wait for others, or cancel them.`)
      this.#forget(oldest)
    }
    this.#byId.set(errand.id, errand)
  }

  /** It has ended, and holds what it ended with from now on. */
  hold(errand: Errand): void {
    if (!this.#byId.has(errand.id)) return
    const chars = JSON.stringify(errand.told).length
    this.#ended.set(errand, chars)
    this.#chars += chars
    for (const [oldest] of this.#ended) {
      if (this.#chars <= MAX_CHARS) return
      this.#forget(oldest)
    }
  }

  #sweep(): void {
    const now = this.#nowMs()
    for (const errand of this.#byId.values()) if (errand.expiresAt <= now) this.#forget(errand)
  }

  #forget(errand: Errand): void {
    this.#byId.delete(errand.id)
    this.#chars -= this.#ended.get(errand) ?? 0
    this.#ended.delete(errand)
    errand.controller.abort(new Fault('timeout', 'The task took longer than it is kept.'))
  }
}
