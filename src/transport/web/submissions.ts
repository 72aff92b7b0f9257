import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'

/** How long a form's second click or reload is answered with the first one's outcome, in ms. */
const REMEMBERED_MS = 120_000
/** Forms that are remembered, and the JSON of their outcomes in characters; beyond either the oldest go. */
const MAX_FORMS = 500
const MAX_CHARS = 33_554_432

/** Runs each form once, however often it is sent. */
export interface Submissions {
  /** @param key unique to the caller, the operation and the form as it was rendered; without it, nothing is remembered */
  once<T>(key: string | undefined, run: () => Promise<T>): Promise<T>
}

interface Sent {
  readonly outcome: Promise<unknown>
}

/** A double click, an impatient reload or a resent request get the outcome of the first; a failure may be tried again. */
export function createSubmissions(): Submissions {
  const known = new LRUCache<string, Sent>({ max: MAX_FORMS, maxSize: MAX_CHARS, ttl: REMEMBERED_MS })
  return {
    once<T>(key: string | undefined, run: () => Promise<T>): Promise<T> {
      if (key === undefined) return run()
      // A form may hold megabytes, and passwords.
      const form = hash('sha256', key)
      const before = known.get(form)
      if (before) return before.outcome as Promise<T>
      const running = run()
      known.set(form, { outcome: running }, { size: 1 })
      running.then(
        // A new object, because the cache measures none twice.
        (outcome) => known.set(form, { outcome: running }, { size: 1 + (JSON.stringify(outcome)?.length ?? 0) }),
        () => known.delete(form),
      )
      return running
    },
  }
}
