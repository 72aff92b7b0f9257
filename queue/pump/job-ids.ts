/** Gives jobs their numbers. */
export interface JobIds {
  next(): number
  /** Only greater ones from now on. */
  after(id: number): void
}

/**
 * Ids of jobs that bring none of their own: creation times in µs.
 *
 * Not the house's ids in ms: at more than a thousand jobs a second those run ahead of the clock, and after a restart a new job would be taken
 * for an old one. The ids that outbox letters bring are in ms, so that the two cannot meet.
 */
export function createJobIds(nowMs: () => number): JobIds {
  let last = 0
  return {
    next() {
      last = Math.max(last + 1, Math.floor(nowMs() * 1_000))
      return last
    },
    after(id) {
      last = Math.max(last, id)
    },
  }
}
