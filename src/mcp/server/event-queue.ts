import type { KeptEvent } from './event-store.ts'

/** Dropped events that may stand in a queue before it is swept. */
const MAX_DROPPED = 512

/** Kept events in the order in which they came. Not a set: taking the oldest out of one, again and again, passes over all that were taken before. */
export class EventQueue {
  #events: KeptEvent[] = []
  #dropped = 0
  #head = 0

  push(event: KeptEvent): void {
    if (this.#dropped > MAX_DROPPED && this.#dropped * 2 > this.#events.length) this.#sweep()
    this.#events.push(event)
  }

  /** One of these events has been dropped. */
  noteDrop(): void {
    this.#dropped += 1
  }

  /** The oldest that was not dropped. */
  oldest(): KeptEvent | undefined {
    while (this.#events[this.#head]?.dropped) this.#head += 1
    return this.#events[this.#head]
  }

  /** All that were not dropped, oldest first. */
  all(): KeptEvent[] {
    return this.#events.filter(({ dropped }) => !dropped)
  }

  get isEmpty(): boolean {
    return this.#dropped === this.#events.length
  }

  #sweep(): void {
    this.#events = this.all()
    this.#dropped = 0
    this.#head = 0
  }
}
