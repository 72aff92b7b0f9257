import { hash } from 'node:crypto'
import type { Log } from '../../contract/house.ts'
import type { KeptSession, SessionBook } from '../../contract/session-book.ts'
import { keptContent } from './kept-content.ts'
import type { McpLimits } from './limits.ts'
import type { Session } from './session.ts'
import { isInUse } from './session-table.ts'

/** Sessions that begin within this time are written down together; nobody waits for it. In ms. */
const WRITE_MS = 20
/** How far the time of the last use may be behind in the book, as a part of the time that a session lives unused. */
const SEEN_SHARE = 0.1
/** How often what has run out is taken from the book, in ms. */
const SWEEP_MS = 60_000

interface KeeperParts {
  /** Nothing is kept without. */
  readonly book: SessionBook | undefined
  readonly limits: Pick<McpLimits, 'sessionIdleMs' | 'maxSessions' | 'maxSessionsPerCaller'>
  readonly nowMs: () => number
  readonly log: Log
}

/**
 * Writes down what a later process needs to go on with the sessions of this one, in groups and while nobody waits.
 *
 * What was not written when the process is killed is a session that nobody knows. What the store does not take is tried again.
 */
export class SessionKeeper {
  readonly #parts: KeeperParts
  readonly #begun = new Set<Session>()
  readonly #changed = new Set<Session>()
  /** Ids of sessions that are in the book and over. */
  readonly #ended = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #sweptAt = 0
  /** The store did not take the last ones; the next tick tries again. */
  #failed = false
  #closed = false

  constructor(parts: KeeperParts) {
    this.#parts = parts
  }

  begin(session: Session): void {
    this.#note(this.#begun, session)
  }

  /** Something is another that `keptContent` says of it. */
  change(session: Session): void {
    if (!this.#begun.has(session)) this.#note(this.#changed, session)
  }

  end(session: Session): void {
    this.#changed.delete(session)
    if (!this.#begun.delete(session)) this.forget(session.id)
  }

  /** A session that is in the book is over. */
  forget(id: string): void {
    this.#note(this.#ended, id)
  }

  /** A session of an earlier process that has not run out. */
  find(id: string): KeptSession | undefined {
    const { book, limits, nowMs } = this.#parts
    const kept = this.#ended.has(id) ? undefined : book?.find(hashOf(id))
    return kept && kept.seenAt >= nowMs() - limits.sessionIdleMs ? kept : undefined
  }

  /** Note who was there meanwhile, and forget who was not. Does much seldom, and little often. */
  tick(sessions: Iterable<Session>, nowMs: number): void {
    const { book, limits, log } = this.#parts
    if (!book) return
    const before = nowMs - limits.sessionIdleMs * SEEN_SHARE
    for (const session of sessions) if (session.keptSeenAt <= before && seenAt(session, nowMs) > before) this.change(session)
    this.flush()
    if (nowMs - this.#sweptAt < SWEEP_MS) return
    this.#sweptAt = nowMs
    try {
      book.sweep(nowMs - limits.sessionIdleMs, limits.maxSessionsPerCaller, limits.maxSessions)
    } catch (err) {
      log.error({ err }, 'mcp.sessions_not_swept')
    }
  }

  /** Write down who is there now, before streams are ended because the process does. */
  noteAll(sessions: Iterable<Session>): void {
    const nowMs = this.#parts.nowMs()
    for (const session of sessions) if (seenAt(session, nowMs) > session.keptSeenAt) this.change(session)
    this.flush()
  }

  /** Nothing is written down or found any more. */
  get closed(): boolean {
    return this.#closed
  }

  /** Write down the last, and nothing any more. */
  close(): void {
    this.flush()
    this.#closed = true
  }

  /** Write down what waits to be. */
  flush(): void {
    const { book, nowMs, log } = this.#parts
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#begun.size + this.#changed.size + this.#ended.size === 0) return
    const rows = (sessions: ReadonlySet<Session>): KeptSession[] => [...sessions].map((session) => rowOf(session, nowMs()))
    const changes = { begun: rows(this.#begun), changed: rows(this.#changed), ended: [...this.#ended].map(hashOf) }
    try {
      book?.write(changes)
      this.#failed = false
    } catch (err) {
      this.#failed = true
      log.error({ err }, 'mcp.sessions_not_kept')
      return
    }
    for (const waiting of [this.#begun, this.#changed, this.#ended]) waiting.clear()
  }

  #note<Item>(waiting: Set<Item>, item: Item): void {
    if (!this.#parts.book || this.#closed) return
    waiting.add(item)
    if (!this.#failed) this.#timer ??= setTimeout(() => this.flush(), WRITE_MS).unref()
  }
}

const hashOf = (id: string): string => hash('sha256', id, 'base64url')

const seenAt = (session: Session, nowMs: number): number => (isInUse(session) ? nowMs : session.lastSeenAt)

function rowOf(session: Session, nowMs: number): KeptSession {
  session.keptSeenAt = seenAt(session, nowMs)
  const { id, key, callerId, userId = null, tokenId = null, source = null, keptSeenAt } = session
  return { idHash: hashOf(id), key, callerId, userId, tokenId, source, content: keptContent(session), seenAt: keptSeenAt }
}
