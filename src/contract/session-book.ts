/** One session of an MCP client, as it is kept beyond the life of a process. */
export interface KeptSession {
  /** SHA-256 of its id, base64url: whoever reads the store learns no id. */
  readonly idHash: string
  /** Names it to the door and to upstreams. */
  readonly key: string
  readonly callerId: string
  /** Whose credential opened it; null where there was none. */
  readonly userId: number | null
  readonly tokenId: number | null
  /** The one source that it was opened at; null for all. */
  readonly source: string | null
  /** JSON of what the protocol needs to go on with it. */
  readonly content: string
  /** When it was used last, ms since the epoch; may be behind. */
  readonly seenAt: number
}

/** What is to be written down together. */
export interface SessionChanges {
  readonly begun: readonly KeptSession[]
  /** Of sessions that are kept already; one that is not kept any more stays away. */
  readonly changed: readonly KeptSession[]
  /** Hashes of the ids of sessions that are over. */
  readonly ended: readonly string[]
}

/**
 * Where sessions of MCP clients are written down, so that a restart of the gateway does not end them.
 *
 * What was opened with a credential that is worth nothing any more is forgotten without being told.
 */
export interface SessionBook {
  /** In one transaction. @throws Error of the store */
  write(changes: SessionChanges): void
  find(idHash: string): KeptSession | undefined
  /** Forget what nobody has used since `seenBefore`, and of what is left all but those used last: `maxPerCaller` of each caller, `max` of all. */
  sweep(seenBefore: number, maxPerCaller: number, max: number): void
}
