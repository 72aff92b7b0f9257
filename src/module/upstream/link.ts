import { setTimeout as delay } from 'node:timers/promises'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Release } from '../../contract/tool.ts'
import type { Visit } from '../../contract/visit.ts'
import { Roster } from '../../core/churn/roster.ts'
import { ClientError } from '../../mcp/client/client-error.ts'
import type { Connection, ConnectionListener, ServerIntroduction } from '../../mcp/client/connection.ts'
import type { Era } from '../../mcp/client/era.ts'
import { createRateCap } from '../../mcp/client/rate-cap.ts'
import { createBackOff } from './back-off.ts'
import type { CallMetrics } from './call.metrics.ts'
import type { Call } from './call.ts'
import { Calls } from './calls.ts'
import { widestCapabilities } from './capabilities.ts'
import type { Definition } from './definition.ts'
import { connectFaultText, isExpected } from './fault-of.ts'
import { createGate } from './gate.ts'
import { Hearing } from './hearing.ts'
import type { Line } from './line.ts'
import { Lines } from './lines.ts'
import type { LinkParts } from './link-parts.ts'
import { Lists, type Readings } from './lists.ts'
import { OwnLists } from './own-lists.ts'
import { Places } from './places.ts'
import type { SessionLine } from './sessions.ts'
import { Status } from './status.ts'
import { Subscriptions } from './subscriptions.ts'
import type { Tasks } from './tasks.ts'
import { Uris } from './uris.ts'
import { waitAtMost } from './wait-at-most.ts'

/** A call that finds the upstream down waits at most this long for it to come back. */
const CALL_WAITS_MS = 10_000
/** Calls do not start an attempt sooner than this after the last one, or a broken upstream would be started as fast as it is called. */
const ATTEMPT_GAP_MS = 1_000

/** One upstream: its connection, its supervision, its sessions and what it offers. */
export class Link {
  readonly alias: string
  readonly definition: Definition
  readonly gate: ReturnType<typeof createGate>
  readonly places: Places
  readonly lines: Lines
  readonly status: Status
  readonly lists: Lists
  readonly ownLists: OwnLists
  readonly calls = new Calls()
  readonly subscriptions: Subscriptions
  readonly hearing: Hearing
  readonly uris: Uris
  readonly tasks: Tasks
  readonly metrics: CallMetrics
  readonly #parts: LinkParts
  readonly #backOff: ReturnType<typeof createBackOff>
  readonly #ignoredCap = createRateCap({ limit: 5, windowMs: 60_000 })
  #run: AbortController | undefined
  #base: Line | undefined
  #server: ServerIntroduction | undefined
  #connecting: Promise<void> | undefined
  /** What is being closed: two of one server at the same time might fight over a port or a file. */
  #closing: Promise<unknown> = Promise.resolve()
  #attemptedAt = Number.NEGATIVE_INFINITY
  #connects = 0
  #retry: NodeJS.Timeout | undefined
  #pulse: NodeJS.Timeout | undefined
  #changes: Promise<void> = Promise.resolve()
  #restarting = false
  #dismissed = false

  constructor(parts: LinkParts) {
    const { alias, definition, nowMs } = parts
    this.alias = alias
    this.definition = definition
    this.#parts = parts
    this.metrics = parts.metrics
    this.status = new Status(nowMs, parts.onState)
    this.#backOff = createBackOff(parts.healthIntervalMs, nowMs)
    this.gate = createGate(`upstream ${alias}`, definition.maxConcurrency, definition.maxQueue)
    this.places = new Places(this.gate, definition.maxConcurrency)
    const base = (): Connection | undefined => this.#base?.connection
    const { tail, background } = parts
    this.lists = new Lists(this, { base, tail, background, onChange: parts.onOffers })
    this.ownLists = new OwnLists(this, { background, onChange: parts.onOwnLists })
    this.subscriptions = new Subscriptions(this, { base, background })
    this.hearing = new Hearing(this, { background, nowMs })
    this.uris = new Uris(alias)
    this.tasks = parts.tasks
    this.lines = new Lines(this, {
      base: () => this.#base,
      connector: parts.connector,
      sessionIdleMs: parts.sessionIdleMs,
      nowMs,
      background,
      onIgnored: (what, excerpt) => this.#ignored(what, excerpt),
    })
  }

  get server(): ServerIntroduction | undefined {
    return this.#server
  }

  /** How it is spoken to; `undefined` while there is no connection. */
  get era(): Era | undefined {
    return this.#base?.connection.era
  }

  /** It keeps nothing between requests (MCP 2026-07-28). */
  get isStateless(): boolean {
    return this.era === 'stateless'
  }

  /** Its tools may ask for headers of their own: those whose schemas do so in a wrong way must not be offered. */
  get needsHeaders(): boolean {
    return this.isStateless && this.definition.transport !== 'stdio'
  }

  get hasResources(): boolean {
    return this.#server?.capabilities['resources'] !== undefined
  }

  /** How often it was connected since the gateway started. */
  get connects(): number {
    return this.#connects
  }

  /** Want it connected. Does not wait for it. */
  start(): Promise<void> {
    return this.#change(async () => this.#begin())
  }

  /** Want it gone: resolves when every connection and process of it is. */
  stop(): Promise<void> {
    return this.#change(async () => {
      await this.#end()
      this.lists.clear()
      this.subscriptions.stop()
      this.status.lastError = undefined
      this.status.set('disabled')
    })
  }

  /** Want it gone for good: nobody who still knows it can start it again. */
  dismiss(): Promise<void> {
    this.#dismissed = true
    return this.stop()
  }

  /** End everything of it and begin anew, its tools still listed. Does not wait until it is connected. */
  restart(): Promise<void> {
    return this.#change(async () => {
      this.#restarting = true
      await this.#end()
      this.#restarting = false
      this.#begin()
    })
  }

  /** Wait until the attempt that is under way has ended, however it does. */
  async settled(timeoutMs: number): Promise<void> {
    if (this.#connecting !== undefined) await waitAtMost(this.#connecting, timeoutMs)
  }

  /**
   * Make sure that calls can be made; one attempt to connect where it is down.
   *
   * @throws Fault `disabled`, `unavailable`
   */
  ready(signal: AbortSignal): void | Promise<void> {
    if (this.status.state === 'connected') return
    if (this.#run === undefined && !this.#restarting)
      throw new Fault('disabled', `Upstream ${this.alias} is disabled. An operator can enable it.`)
    if (this.status.state === 'error' && this.#connecting === undefined && this.#gapMs() > 0) throw this.#unavailable()
    return this.#waitUntilConnected(signal)
  }

  /** Take one of the places for calls. @throws Fault `disabled`, `unavailable`, `busy` */
  place(visit: Visit): Release | Promise<Release> {
    const waiting = this.ready(visit.signal)
    return waiting === undefined ? this.places.enter(visit) : waiting.then(() => this.places.enter(visit))
  }

  /** Enter the door, as part of what a server does. @throws Fault */
  enter: House['enter'] = (caller, name, args, entry) => this.#parts.enter(caller, name, args, entry)

  /** A call found the server unreachable: find out now instead of at the next check. */
  suspect(): void {
    if (this.status.state === 'connected') this.#beatIn(0)
  }

  #change(work: () => Promise<void>): Promise<void> {
    const next = this.#changes.then(work)
    this.#changes = next.catch(() => {})
    return next
  }

  #begin(): void {
    if (this.#dismissed) return
    if (this.#run !== undefined) {
      // Wanting it again means not to wait for the next attempt.
      if (this.#base === undefined) this.#connectInBackground()
      return
    }
    this.#run = new AbortController()
    this.status.set('disconnected')
    this.#connectInBackground()
    this.#beatIn(this.#parts.healthIntervalMs)
  }

  async #end(): Promise<void> {
    this.#run?.abort()
    this.#run = undefined
    this.status.set('disconnected')
    for (const timer of [this.#retry, this.#pulse]) clearTimeout(timer)
    await this.#connecting?.catch(() => {})
    const base = this.#base
    this.#base = undefined
    this.#server = undefined
    await Promise.all([base?.connection.close(), this.#closing, this.lines.sessions.closeAll()])
  }

  /** One attempt at a time: whoever wants one meanwhile waits for the same. */
  #connect(): Promise<void> {
    this.#connecting ??= this.#attempt().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  #connectInBackground(): void {
    // A failure is kept as the state and tried again; there is nothing else to do about it.
    this.#parts.background(
      'upstream.connect_broke',
      this.#connect().catch(() => {}),
    )
  }

  async #attempt(): Promise<void> {
    const signal = this.#run!.signal
    clearTimeout(this.#retry)
    this.#attemptedAt = this.#parts.nowMs()
    this.status.set('connecting')
    let connection: Connection | undefined
    const calls = new Roster<Call>()
    try {
      await this.#closing
      const listener = this.#baseListener(() => connection, calls)
      const capabilities = widestCapabilities(this.definition.deny)
      connection = await this.#parts.connector({ listen: true, capabilities, listener, signal })
      const readings = await this.lists.read(connection, { timeoutMs: this.definition.connectTimeoutMs, signal })
      if (signal.aborted || !connection.open) throw new ClientError('lost', 'The connection was closed.')
      this.#base = { key: '', connection, listens: true, calls, owner: undefined, level: undefined }
      this.#connected(this.#base, readings)
    } catch (thrown) {
      this.#base = undefined
      await connection?.close()
      if (!signal.aborted) this.#failed('error', connectFaultText(thrown), thrown)
      throw thrown
    } finally {
      this.#attemptedAt = this.#parts.nowMs()
    }
  }

  #connected(base: Line, readings: Readings): void {
    this.#server = base.connection.server
    this.#connects += 1
    this.#backOff.worked()
    this.lists.take(readings)
    this.#parts.background('upstream.subscribe_failed', this.subscriptions.renew(base))
    this.status.lastError = undefined
    this.status.set('connected')
    this.#parts.tail.add('gateway', 'connected')
    this.#parts.log.info({ alias: this.alias, tools: this.lists.tool.items.length }, 'upstream.connected')
  }

  #baseListener(connection: () => Connection | undefined, calls: Roster<Call>): ConnectionListener {
    const isBase = (): boolean => this.#base !== undefined && this.#base.connection === connection()
    const line: SessionLine = { key: '', calls, owner: undefined }
    return {
      notification: (method, params) => this.hearing.outsideCalls(line, method, params),
      request: (method, params, signal) => this.hearing.asked(line, method, params, signal),
      ignored: (what, excerpt) => this.#ignored(what, excerpt),
      stale: () => {
        if (!isBase()) return
        this.lines.sessions.retire(this.#base!.connection)
        this.#base = undefined
        this.status.lastError = 'The server no longer knew our session.'
        this.status.set('disconnected')
        if (this.#run !== undefined) this.#connectInBackground()
      },
      closed: (error) => {
        if (!isBase()) return
        this.#base = undefined
        if (this.#run !== undefined) this.#failed('disconnected', error.message, error)
      },
    }
  }

  /** Say what happened, and try again later. */
  #failed(state: 'disconnected' | 'error', message: string, cause: unknown): void {
    const lastWords = this.definition.transport === 'stdio' ? this.#parts.tail.lastWords(this.#attemptedAt) : ''
    const reason = this.#parts.tail.clean(message)
    this.status.lastError = reason + lastWords
    const waitMs = this.#backOff.failed()
    this.status.set(state)
    this.#parts.tail.add('gateway', reason)
    this.#parts.log.warn(
      {
        alias: this.alias,
        reason,
        ...(!isExpected(cause) && { err: cause }),
        failures: this.#backOff.failures,
        retryInMs: Math.round(waitMs),
      },
      'upstream.failed',
    )
    clearTimeout(this.#retry)
    this.#retry = setTimeout(() => this.#connectInBackground(), waitMs)
    this.#retry.unref()
  }

  #beatIn(waitMs: number): void {
    clearTimeout(this.#pulse)
    this.#pulse = setTimeout(() => this.#parts.background('upstream.check_broke', this.#beat()), waitMs)
    this.#pulse.unref()
  }

  async #beat(): Promise<void> {
    const run = this.#run
    try {
      await this.lines.sessions.sweep()
      if (this.#base !== undefined) await this.#check(this.#base.connection)
    } finally {
      if (run !== undefined && run === this.#run) this.#beatIn(this.#parts.healthIntervalMs)
    }
  }

  /** A server may answer pings and still be stuck, so it is asked for something real. */
  async #check(connection: Connection): Promise<void> {
    const { healthTimeoutMs } = this.#parts
    // One that works on a call may have no time for a question as long as that call may last.
    const timeoutMs = connection.pendingCount > 0 ? Math.max(healthTimeoutMs, this.definition.idleTimeoutMs) : healthTimeoutMs
    try {
      await this.lists.check(connection, timeoutMs)
    } catch (thrown) {
      if (this.#base?.connection !== connection) return
      this.#base = undefined
      this.#failed('error', `It did not answer the health check: ${connectFaultText(thrown)}`, thrown)
      this.#closing = connection.close()
      if (this.#run !== undefined) this.#connectInBackground()
    }
  }

  #ignored(what: string, excerpt: string): void {
    if (!this.#ignoredCap.pass()) return
    this.#parts.tail.add('gateway', `ignored ${what.replace('_', ' ')}: ${excerpt}`)
  }

  async #waitUntilConnected(signal: AbortSignal): Promise<void> {
    await waitAtMost(this.#connectAfterGap(), CALL_WAITS_MS, signal)
    if (this.#base === undefined) throw this.#unavailable()
  }

  /** One that was lost for the first time in a while is tried at once. */
  async #connectAfterGap(): Promise<void> {
    if (this.#restarting) await this.#changes
    if (this.#backOff.failures > 1 && this.#connecting === undefined) await delay(this.#gapMs(), undefined, { ref: false })
    if (this.#run !== undefined && this.#base === undefined) await this.#connect().catch(() => {})
  }

  #gapMs(): number {
    return Math.max(this.#attemptedAt + ATTEMPT_GAP_MS - this.#parts.nowMs(), 0)
  }

  #unavailable(): Fault {
    const why = this.status.lastError ?? 'It is being started.'
    return new Fault('unavailable', `Upstream ${this.alias} is not connected: ${why}`, { retryAfterMs: ATTEMPT_GAP_MS * 2 })
  }
}
