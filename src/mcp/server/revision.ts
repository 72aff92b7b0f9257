/**
 * The session-era protocol revisions that the server speaks, newest first, and where they differ for it.
 *
 * Source: the MCP changelogs; batches came with 2025-03-26 and left with 2025-06-18; since 2025-11-25 a stream begins with an event that has an id and
 * no message, and tools can be called as tasks.
 */
export const REVISIONS = {
  '2025-11-25': { batches: false, primes: true, tasks: true },
  '2025-06-18': { batches: false, primes: false, tasks: false },
  '2025-03-26': { batches: true, primes: false, tasks: false },
  '2024-11-05': { batches: false, primes: false, tasks: false },
} as const satisfies Record<string, { readonly batches: boolean; readonly primes: boolean; readonly tasks: boolean }>

export type Revision = keyof typeof REVISIONS

/** Offered to a client that asks for a revision we do not know. */
const LATEST_REVISION: Revision = '2025-11-25'

export const isRevision = (text: string): text is Revision => Object.hasOwn(REVISIONS, text)

/** The revision of a session: what the client asked for, or else our newest, which it may decline. */
export const negotiate = (asked: string): Revision => (isRevision(asked) ? asked : LATEST_REVISION)
