import { Fault } from '../../contract/fault.ts'
import type { Connection, ConnectionListener } from '../../mcp/client/connection.ts'
import type { Line } from './line.ts'

interface SessionsParts {
  readonly alias: string
  readonly maxSessions: number
  readonly idleMs: number
  /** Opens one more connection to the server. */
  readonly open: (listener: ConnectionListener, signal: AbortSignal) => Promise<Connection>
  /** Hears what belongs to no call. */
  readonly onNotification: (method: string) => void
  readonly onIgnored: (what: string, excerpt: string) => void
  /** Runs work that nobody waits for. */
  readonly background: (event: string, work: Promise<unknown>) => void
  readonly nowMs: () => number
}

interface Session {
  line: Line | undefined
  opening: Promise<Line> | undefined
  usedAt: number
  readonly stop: AbortController
}

/** One upstream session for each client session, so that what a server keeps for one never shows up at another. */
export class Sessions {
  readonly #parts: SessionsParts
  readonly #sessions = new Map<string, Session>()
  /** Forgotten by the server; closed as soon as nobody waits on them. */
  readonly #retired = new Set<Connection>()

  constructor(parts: SessionsParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#sessions.size
  }

  /**
   * The session's line, at once where it is open.
   *
   * @param key the caller's id, a line feed, and what tells its sessions apart
   * @throws Fault `busy` when there are too many
   */
  line(key: string): Line | Promise<Line> {
    const session = this.#sessions.get(key)
    if (session === undefined) return this.#begin(key)
    session.usedAt = this.#parts.nowMs()
    if (session.line?.connection.open) return session.line
    return session.opening ?? this.#begin(key)
  }

  /** The client session is over. */
  async end(matches: (key: string) => boolean): Promise<void> {
    await Promise.all([...this.#sessions.keys()].filter(matches).map((key) => this.#close(key)))
  }

  /** Close what nobody has used for long, and what the server has forgotten. */
  async sweep(): Promise<void> {
    const before = this.#parts.nowMs() - this.#parts.idleMs
    const idle = [...this.#sessions].filter(([, { line, usedAt }]) => usedAt <= before && line?.connection.pendingCount === 0)
    await Promise.all([...idle.map(([key]) => this.#close(key)), this.#closeRetired()])
  }

  async closeAll(): Promise<void> {
    const retired = [...this.#retired]
    this.#retired.clear()
    await Promise.all([this.end(() => true), ...retired.map((connection) => connection.close())])
  }

  /** Let a connection end what is under way, then close it. */
  retire(connection: Connection): void {
    this.#retired.add(connection)
  }

  #begin(key: string): Promise<Line> {
    const { alias, maxSessions, nowMs } = this.#parts
    if (this.#sessions.size >= maxSessions && !this.#sessions.has(key) && !this.#makeRoom(ownerOf(key))) {
      throw new Fault(
        'busy',
        `Upstream ${alias} has ${maxSessions} sessions, which is its limit. Try again when others have ended.`,
        { retryAfterMs: 10_000 },
      )
    }
    const session: Session = { line: undefined, opening: undefined, usedAt: nowMs(), stop: new AbortController() }
    this.#sessions.set(key, session)
    session.opening = this.#open(key, session)
    return session.opening
  }

  /** Nobody may keep all others out: the caller with most sessions gives up the one that was not used for longest. */
  #makeRoom(owner: string): boolean {
    const counts = new Map<string, number>()
    for (const key of this.#sessions.keys()) counts.set(ownerOf(key), (counts.get(ownerOf(key)) ?? 0) + 1)
    const [greediest = owner, most = 0] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0] as [string, number])
    if (most <= (counts.get(owner) ?? 0) + 1) return false
    const [oldest] = [...this.#sessions]
      .filter(([key, { line }]) => ownerOf(key) === greediest && line?.connection.pendingCount === 0)
      .sort(([, a], [, b]) => a.usedAt - b.usedAt)
    if (oldest === undefined) return false
    const [key, { line }] = oldest
    this.#sessions.delete(key)
    this.#retired.add(line!.connection)
    this.#parts.background('upstream.session_close_failed', this.#closeRetired())
    return true
  }

  async #closeRetired(): Promise<void> {
    const forgotten = [...this.#retired].filter(({ pendingCount }) => pendingCount === 0)
    for (const connection of forgotten) this.#retired.delete(connection)
    await Promise.all(forgotten.map((connection) => connection.close()))
  }

  async #open(key: string, session: Session): Promise<Line> {
    const hearers: Line['hearers'] = new Set()
    const { signal } = session.stop
    try {
      const connection = await this.#parts.open(this.#listener(key, session, hearers), signal)
      session.line = { connection, hearers }
      if (!signal.aborted) return session.line
      await connection.close()
      throw this.#ended()
    } catch (thrown) {
      this.#forget(key, session)
      throw signal.aborted ? this.#ended() : thrown
    } finally {
      session.opening = undefined
    }
  }

  #listener(key: string, session: Session, hearers: Set<(method: string, params: unknown) => void>): ConnectionListener {
    return {
      notification: (method, params) => {
        const last = [...hearers].at(-1)
        if (last === undefined || method.endsWith('/list_changed')) this.#parts.onNotification(method)
        else last(method, params)
      },
      ignored: this.#parts.onIgnored,
      stale: () => {
        this.#forget(key, session)
        if (session.line) this.retire(session.line.connection)
      },
      closed: () => this.#forget(key, session),
    }
  }

  #ended(): Fault {
    return new Fault('unavailable', `The session at upstream ${this.#parts.alias} ended before it had begun. Try again.`)
  }

  #forget(key: string, session: Session): void {
    if (this.#sessions.get(key) === session) this.#sessions.delete(key)
  }

  async #close(key: string): Promise<void> {
    const session = this.#sessions.get(key)
    if (session === undefined) return
    this.#forget(key, session)
    session.stop.abort()
    await session.opening?.catch(() => {})
    await session.line?.connection.close()
  }
}

const ownerOf = (key: string): string => key.split('\n', 1)[0]!
