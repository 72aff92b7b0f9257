/**
 * Ids are creation times in ms, bumped by one where two things are made in the same millisecond.
 *
 * Unique within the process that makes them, and ascending; one process owns a store.
 */
export function createIds(nowMs: () => number): () => number {
  let last = 0
  return () => {
    last = Math.max(last + 1, nowMs())
    return last
  }
}
