import { LRUCache } from 'lru-cache'

/** What the next page tells a person about what they just did. */
interface Note {
  readonly tone: 'good' | 'bad'
  readonly text: string
}

/** One note per session, kept until the next page shows it. */
export interface Notes {
  put(session: string | undefined, note: Note): void
  take(session: string | undefined): Note | undefined
}

/** A note that no page asked for within this time is dropped, in ms. */
const KEPT_MS = 60_000

/** Notes live in memory: losing one at a restart hurts nobody. */
export function createNotes(): Notes {
  const notes = new LRUCache<string, Note>({ max: 1_000, ttl: KEPT_MS })
  return {
    put: (session, note) => void (session !== undefined && notes.set(session, note)),
    take(session) {
      const note = session === undefined ? undefined : notes.get(session)
      if (session !== undefined) notes.delete(session)
      return note
    },
  }
}
