import { LRUCache } from 'lru-cache'

/** How long a form's second click or reload is answered with the first one's outcome, in ms. */
const REMEMBERED_MS = 120_000

/** Runs each form once, however often it is sent. */
export interface Submissions {
  /** @param key unique to the caller, the operation and the form as it was rendered; without it, nothing is remembered */
  once<T>(key: string | undefined, run: () => Promise<T>): Promise<T>
}

/** A double click, an impatient reload or a resent request get the outcome of the first; a failure may be tried again. */
export function createSubmissions(): Submissions {
  const known = new LRUCache<string, Promise<unknown>>({ max: 500, ttl: REMEMBERED_MS })
  return {
    once<T>(key: string | undefined, run: () => Promise<T>): Promise<T> {
      if (key === undefined) return run()
      const before = known.get(key)
      if (before) return before as Promise<T>
      const running = run()
      known.set(key, running)
      running.catch(() => known.delete(key))
      return running
    },
  }
}
