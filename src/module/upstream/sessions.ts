import { Fault } from '../../contract/fault.ts'
import type { Visit } from '../../contract/visit.ts'
import { Roster } from '../../core/churn/roster.ts'
import type { Connection, ConnectionListener } from '../../mcp/client/connection.ts'
import type { Call } from './call.ts'
import { type Line, type LineOwner, ownerOf } from './line.ts'

interface SessionsParts {
  readonly alias: string
  readonly maxSessions: number
  readonly idleMs: number
  /** Opens one more connection to the server, in the name of a client. */
  readonly open: (visit: Visit, listener: ConnectionListener, signal: AbortSignal) => Promise<Connection>
  /** A line is ready, before its first call goes over it. */
  readonly onOpen: (line: Line) => Promise<void>
  /** Whether something waits to be heard on a line that carries no call. */
  readonly isHeld: (key: string) => boolean
  readonly onNotification: (line: SessionLine, method: string, params: unknown) => void
  readonly onRequest: (line: SessionLine, method: string, params: unknown, signal: AbortSignal) => Promise<unknown>
  readonly onIgnored: (what: string, excerpt: string) => void
  /** Runs work that nobody waits for. */
  readonly background: (event: string, work: Promise<unknown>) => void
  readonly nowMs: () => number
}

/** A line that may still be opening: servers ask things as soon as they are introduced. */
export type SessionLine = Pick<Line, 'key' | 'calls' | 'owner'>

interface Session {
  readonly key: string
  readonly calls: Roster<Call>
  owner: LineOwner
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

  /** The lines that are open. */
  lines(): readonly Line[] {
    return [...this.#sessions.values()].flatMap(({ line }) => line ?? [])
  }

  /**
   * The line of a call's session, at once where it is open. The call counts among its calls from now on.
   *
   * @param key the caller's id, a line feed, and what tells its sessions apart
   * @param isAlone the call must not share a line with another one; there are as many lines as such calls at the same time
   * @throws Fault `busy` when there are too many
   */
  line(key: string, call: Call, isAlone: boolean): Line | Promise<Line> {
    const free = isAlone ? this.#freeKey(key, call) : key
    const known = this.#sessions.get(free)
    const session = known && (known.opening || known.line?.connection.open) ? known : this.#begin(free, call.visit)
    session.usedAt = this.#parts.nowMs()
    session.owner = ownerOf(call.visit)
    if (session.line) session.line.owner = session.owner
    call.join(session)
    return session.opening ?? session.line!
  }

  /** The client session is over. */
  async end(matches: (key: string) => boolean): Promise<void> {
    await Promise.all([...this.#sessions.keys()].filter(matches).map((key) => this.#close(key)))
  }

  /** Close what nobody has used for long, and what the server has forgotten. */
  async sweep(): Promise<void> {
    const before = this.#parts.nowMs() - this.#parts.idleMs
    const idle = [...this.#sessions].filter(
      ([key, { line, usedAt }]) => usedAt <= before && line?.connection.pendingCount === 0 && !this.#parts.isHeld(key),
    )
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

  #freeKey(key: string, call: Call): string {
    for (let number = 1; ; number += 1) {
      const candidate = number === 1 ? key : `${key}\n${number}`
      const calls = this.#sessions.get(candidate)?.calls
      if (calls === undefined || calls.size === 0 || (calls.size === 1 && calls.first === call)) return candidate
    }
  }

  #begin(key: string, visit: Visit): Session {
    const { alias, maxSessions, nowMs } = this.#parts
    if (this.#sessions.size >= maxSessions && !this.#sessions.has(key) && !this.#makeRoom(ownerIdOf(key))) {
      throw new Fault(
        'busy',
        `Upstream ${alias} has ${maxSessions} sessions, which is its limit. Try again when others have ended.`,
        { retryAfterMs: 10_000 },
      )
    }
    const session: Session = {
      key,
      calls: new Roster(),
      owner: ownerOf(visit),
      line: undefined,
      opening: undefined,
      usedAt: nowMs(),
      stop: new AbortController(),
    }
    this.#sessions.set(key, session)
    session.opening = this.#open(key, session, visit)
    return session
  }

  /** Nobody may keep all others out: the caller with most sessions gives up the one that was not used for longest. */
  #makeRoom(owner: string): boolean {
    const counts = new Map<string, number>()
    for (const key of this.#sessions.keys()) counts.set(ownerIdOf(key), (counts.get(ownerIdOf(key)) ?? 0) + 1)
    const [greediest = owner, most = 0] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0] as [string, number])
    if (most <= (counts.get(owner) ?? 0) + 1) return false
    const [oldest] = [...this.#sessions]
      .filter(([key, { line }]) => ownerIdOf(key) === greediest && line?.connection.pendingCount === 0)
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

  async #open(key: string, session: Session, visit: Visit): Promise<Line> {
    const { signal } = session.stop
    try {
      const connection = await this.#parts.open(visit, this.#listener(key, session), signal)
      const line: Line = {
        key,
        connection,
        listens: visit.client?.standing !== undefined,
        calls: session.calls,
        owner: session.owner,
        level: undefined,
      }
      session.line = line
      await this.#parts.onOpen(line)
      if (!signal.aborted) return line
      await connection.close()
      throw this.#ended()
    } catch (thrown) {
      this.#forget(key, session)
      throw signal.aborted ? this.#ended() : thrown
    } finally {
      session.opening = undefined
    }
  }

  #listener(key: string, session: Session): ConnectionListener {
    const { onNotification, onRequest, onIgnored } = this.#parts
    return {
      notification: (method, params) => onNotification(session, method, params),
      request: (method, params, signal) => onRequest(session, method, params, signal),
      ignored: onIgnored,
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

const ownerIdOf = (key: string): string => key.split('\n', 1)[0]!
