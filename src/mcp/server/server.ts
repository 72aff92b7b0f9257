import { FAULTS, Fault } from '../../contract/fault.ts'
import { RPC } from '../rpc.ts'
import { STATELESS_REVISION } from '../stateless-revision.ts'
import { announceChanges } from './announce-changes.ts'
import type { Call } from './call.ts'
import { sendJson } from './exchange.ts'
import { endSession, findSession } from './find-session.ts'
import type { McpRequest } from './mcp-request.ts'
import { openStream } from './open-stream.ts'
import { expireQuestions, withdrawAll } from './question.ts'
import { Refusal, stoppingRefusal } from './refusal.ts'
import { errorText } from './response-text.ts'
import { createState, type McpServerOptions, type ServerState } from './server-state.ts'
import { announceToListeners } from './stateless/announce-to-listeners.ts'
import { closeStateless, lookAfter } from './stateless/upkeep.ts'
import { takePost } from './take-post.ts'
import { endKeptSession } from './take-up-session.ts'
import { tellOfRoots } from './tell-of-roots.ts'

/** How often sessions and streams are looked after, by one timer for all of them. */
const TICK_MS = 5_000

/**
 * The server side of MCP over Streamable HTTP, session era (2024-11-05 … 2025-11-25) and stateless era (2026-07-28).
 *
 * One protocol core for all clients; a session is a small record. Knows nothing of what is behind the backend.
 */
export class McpServer {
  readonly #state: ServerState
  readonly #ticker: NodeJS.Timeout
  #announcing: NodeJS.Timeout | undefined
  #hasChanged = false
  #closed = false
  #droppedBefore = 0

  constructor(options: McpServerOptions) {
    this.#state = createState(options)
    this.#ticker = setInterval(() => this.tick(), TICK_MS).unref()
  }

  /** Open sessions. */
  get sessions(): number {
    return this.#state.sessions.size
  }

  /** Open streams for what belongs to no call: GET, and `subscriptions/listen`. */
  get streams(): number {
    return this.#state.streams.size + this.#state.stateless.streams.size
  }

  /** Calls that have not been answered. */
  get requestsInFlight(): number {
    return this.#state.calls.size + this.#state.stateless.replies.size
  }

  /** Calls that wait for a client of the stateless era to answer what it was asked. */
  get parkedCalls(): number {
    return this.#state.stateless.parking.size
  }

  /** Notifications that slow readers did not get, since the start. */
  get droppedNotifications(): number {
    return this.#state.droppedNotifications + this.#state.stateless.droppedNotifications
  }

  /** What clients were asked and have not answered. */
  get questions(): number {
    return [...this.#state.sessions.all()].reduce((sum, { questions }) => sum + (questions?.size ?? 0), 0)
  }

  /** Messages that are kept for clients who may have lost them. */
  get keptEvents(): number {
    return this.#state.store.size
  }

  /** Answer one request. Never throws: what goes wrong becomes an answer. */
  async handle(request: McpRequest): Promise<void> {
    try {
      if (this.#closed) throw stoppingRefusal()
      requireSession(request)
      if (request.method === 'POST') await takePost(this.#state, request)
      else if (request.method === 'GET') await openStream(this.#state, request)
      else this.#delete(request)
    } catch (thrown) {
      this.#refuse(request, thrown)
    }
  }

  /** What is listed, or rights, have changed. Told to the clients concerned a little later, once for all changes until then. */
  listsChanged(): void {
    this.#hasChanged = true
    if (this.#closed || this.#announcing) return
    // Neither of the two throws.
    this.#announcing = setTimeout(() => void this.#announce(), this.#state.limits.listChangedDebounceMs).unref()
  }

  /** Look after sessions and streams: forget idle ones, break silences, notice rights that have run out. Runs by itself every 5 s. */
  tick(): void {
    const { sessions, keeper, streams, store, calls, limits } = this.#state
    const nowMs = this.#state.nowMs()
    for (const session of sessions.idle(nowMs)) endSession(this.#state, session)
    for (const session of sessions.all()) {
      expireQuestions(session, nowMs)
      tellOfRoots(this.#state, session)
    }
    keeper.tick(sessions.all(), nowMs)
    store.sweep(nowMs)
    for (const open of [...streams, ...calls.exchanges()]) open.keepAlive(nowMs, limits.keepAliveMs)
    lookAfter(this.#state.stateless, nowMs)
    this.#reportDropped()
    const expired = [...streams].filter((stream) => stream.caller.grants.expiresAt <= nowMs)
    if (expired.length > 0) void announceChanges(expired, this.#state)
  }

  /** Refuse what comes now, end the streams, give calls in flight `budgetMs` to finish, then take them back. */
  async close(budgetMs: number): Promise<void> {
    const { sessions, keeper } = this.#state
    this.#closed = true
    clearInterval(this.#ticker)
    clearTimeout(this.#announcing)
    // Once now, because those with open streams are in use; once at the end, because calls may still change something.
    keeper.noteAll(sessions.all())
    for (const stream of this.#state.streams) stream.end()
    await Promise.all([this.#state.calls.drained(budgetMs), closeStateless(this.#state.stateless, budgetMs)])
    for (const session of sessions.all()) withdrawAll(session, stopping())
    for (const call of this.#state.calls.all()) interrupt(call)
    keeper.close()
  }

  /** One round at a time: with many streams it takes longer than it is until the next change. */
  async #announce(): Promise<void> {
    const { streams, stateless } = this.#state
    this.#hasChanged = false
    await Promise.all([announceChanges([...streams], this.#state), announceToListeners([...stateless.streams], stateless)])
    this.#announcing = undefined
    if (this.#hasChanged) this.listsChanged()
  }

  #reportDropped(): void {
    const { droppedNotifications } = this
    const { log } = this.#state
    const dropped = droppedNotifications - this.#droppedBefore
    if (dropped > 0) log.warn({ dropped }, 'mcp.notifications_dropped')
    this.#droppedBefore = droppedNotifications
  }

  #delete(request: McpRequest): void {
    const session = findSession(this.#state, request)
    if (session) endSession(this.#state, session)
    else endKeptSession(this.#state, request)
    request.res.writeHead(204, { ...request.answerHeaders }).end()
  }

  #refuse({ res, answerHeaders, requestId }: McpRequest, thrown: unknown): void {
    if (!(thrown instanceof Refusal)) this.#state.log.error({ err: thrown, requestId }, 'mcp.bug')
    if (res.headersSent) return void res.destroy()
    const refusal = thrown instanceof Refusal ? thrown : new Refusal(500, RPC.internalError, Fault.from(thrown).message)
    const { status, code, message, id, headers, data } = refusal
    sendJson({ res, headers: { ...answerHeaders, ...headers } }, status, errorText(id, code, message, { ...data, requestId }))
  }
}

/** Only the session era has GET and DELETE. @throws Refusal 405 */
function requireSession({ method, headers }: McpRequest): void {
  if (method === 'POST') return
  if (headers['mcp-session-id'] !== undefined && headers['mcp-protocol-version'] !== STATELESS_REVISION) return
  throw new Refusal(
    405,
    RPC.invalidRequest,
    `${method} belongs to a session: send its id in Mcp-Session-Id. Without one, POST requests.`,
    {
      headers: { allow: 'POST' },
    },
  )
}

const stopping = (): Fault => new Fault('unavailable', 'The gateway stopped before the call had ended.')

function interrupt(call: Call): void {
  if (call.settled) return
  call.settled = true
  const fault = stopping()
  call.controller.abort(fault)
  call.exchange.respond(call.id, errorText(call.id, FAULTS.unavailable.rpc, fault.message))
}
