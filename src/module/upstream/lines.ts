import { Fault } from '../../contract/fault.ts'
import type { Visit } from '../../contract/visit.ts'
import type { Connection, ConnectionListener } from '../../mcp/client/connection.ts'
import type { Call } from './call.ts'
import { mirroredCapabilities, needsAnswers } from './capabilities.ts'
import type { Connector } from './connector.ts'
import type { Line } from './line.ts'
import type { Link } from './link.ts'
import type { Params } from './question.ts'
import { Sessions } from './sessions.ts'

interface LinesParts {
  readonly base: () => Line | undefined
  readonly connector: Connector
  readonly sessionIdleMs: number
  readonly nowMs: () => number
  readonly background: (event: string, work: Promise<unknown>) => void
  readonly onIgnored: (what: string, excerpt: string) => void
}

/** Which connection a call goes over: the base connection, or the one of its client session. */
export class Lines {
  readonly sessions: Sessions
  readonly #link: Link
  readonly #parts: LinesParts

  constructor(link: Link, parts: LinesParts) {
    this.#link = link
    this.#parts = parts
    this.sessions = new Sessions({
      alias: link.alias,
      maxSessions: link.definition.maxSessions,
      idleMs: parts.sessionIdleMs,
      open: (visit, listener, signal) => this.#open(visit, listener, signal),
      onOpen: (line) => link.subscriptions.renew(line),
      isHeld: (key) => link.subscriptions.uris(key).length > 0,
      onNotification: (line, method, params) => link.hearing.outsideCalls(line, method, params),
      onRequest: (line, method, params, signal) => link.hearing.asked(line, method, params, signal),
      onIgnored: parts.onIgnored,
      background: parts.background,
      nowMs: parts.nowMs,
    })
  }

  /** Streams besides those of answers; over stdio there is one for everything. */
  get streams(): number {
    const { definition, isStateless, subscriptions } = this.#link
    if (definition.transport === 'stdio' || this.#parts.base() === undefined) return 0
    if (isStateless) return subscriptions.isListening ? 1 : 0
    return 1 + this.sessions.lines().filter(({ listens }) => listens).length
  }

  /**
   * The line of a call, which counts among its calls from then on.
   *
   * @throws Fault `busy` where all sessions are taken, `unavailable`
   */
  line(call: Call): Line | Promise<Line> {
    const base = this.#parts.base()
    if (base === undefined) return this.#afterConnect(call)
    const key = call.question.lineKey ?? this.keyOf(call.visit)
    if (key !== '') return this.sessions.line(key, call, this.#mustBeAlone(call))
    call.join(base)
    return base
  }

  /** The key of the line that calls of a visit's session go over; empty where that is the base connection. */
  keyOf({ caller, sessionKey }: Visit): string {
    const isShared = this.#link.definition.shared || this.#parts.base()?.connection.stateful === false
    return isShared ? '' : `${caller.id}\n${sessionKey}`
  }

  /** A client session is over, and with it what the server kept for it. */
  async endSession(sessionKey: string): Promise<void> {
    this.#link.ownLists.forget(sessionKey)
    await Promise.all([this.sessions.end((key) => isOf(key, sessionKey)), this.#link.subscriptions.forget(sessionKey)])
  }

  /** Tell the server something on the lines of one client session. */
  tellSession(sessionKey: string, method: string): void {
    for (const { key, connection } of this.sessions.lines()) if (isOf(key, sessionKey)) connection.notify(method)
  }

  /** Ask something over the base connection whose answer matters to nobody. */
  async tellBase(method: string, params: Params): Promise<void> {
    const { idleTimeoutMs } = this.#link.definition
    await this.#parts
      .base()
      ?.connection.request(method, params, { idleTimeoutMs })
      .catch(() => undefined)
  }

  #open(visit: Visit, listener: ConnectionListener, signal: AbortSignal): Promise<Connection> {
    const capabilities = mirroredCapabilities(visit.client, this.#link.definition.deny)
    // What a server says outside of calls has nowhere to go where no client listens.
    return this.#parts.connector({ listen: visit.client?.standing !== undefined, capabilities, listener, signal })
  }

  /** Over stdio nothing but being alone tells which call a question belongs to. */
  #mustBeAlone({ visit, question }: Call): boolean {
    return this.#link.definition.transport === 'stdio' && question.lineKey === undefined && needsAnswers(visit.client)
  }

  async #afterConnect(call: Call): Promise<Line> {
    await this.#link.ready(call.signal)
    if (this.#parts.base() !== undefined) return this.line(call)
    throw new Fault('unavailable', `Upstream ${this.#link.alias} is not connected.`, { retryAfterMs: 2_000 })
  }
}

function isOf(key: string, sessionKey: string): boolean {
  const rest = key.slice(key.indexOf('\n') + 1)
  return rest === sessionKey || rest.startsWith(`${sessionKey}\n`)
}
