import { FAULTS, Fault } from '../../contract/fault.ts'
import { RPC } from '../rpc.ts'
import { announceChanges } from './announce-changes.ts'
import type { Call } from './call.ts'
import { sendJson } from './exchange.ts'
import { endSession, findSession } from './find-session.ts'
import type { McpRequest } from './mcp-request.ts'
import { openStream } from './open-stream.ts'
import { expireQuestions, withdrawAll } from './question.ts'
import { Refusal } from './refusal.ts'
import { errorText } from './response-text.ts'
import { createState, type McpServerOptions, type ServerState } from './server-state.ts'
import { takePost } from './take-post.ts'

/** How often sessions and streams are looked after, by one timer for all of them. */
const TICK_MS = 5_000

/**
 * The server side of MCP over Streamable HTTP, session era (2024-11-05 … 2025-11-25).
 *
 * One protocol core for all sessions; a session is a small record. Knows nothing of what is behind the backend.
 */
export class McpServer {
  readonly #state: ServerState
  readonly #ticker: NodeJS.Timeout
  #announcing: NodeJS.Timeout | undefined
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

  /** Open standing streams (GET). */
  get streams(): number {
    return this.#state.streams.size
  }

  /** Calls that have not been answered. */
  get requestsInFlight(): number {
    return this.#state.calls.size
  }

  /** Notifications that slow readers did not get, since the start. */
  get droppedNotifications(): number {
    return this.#state.droppedNotifications
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
      if (this.#closed) throw new Refusal(503, FAULTS.unavailable.rpc, 'The gateway is stopping. Try again when it is back.')
      if (request.method === 'POST') await takePost(this.#state, request)
      else if (request.method === 'GET') await openStream(this.#state, request)
      else this.#delete(request)
    } catch (thrown) {
      this.#refuse(request, thrown)
    }
  }

  /** What is listed, or rights, have changed. Told to the clients concerned a little later, once for all changes until then. */
  listsChanged(): void {
    if (this.#closed || this.#announcing) return
    this.#announcing = setTimeout(() => {
      this.#announcing = undefined
      void announceChanges([...this.#state.streams], this.#state)
    }, this.#state.limits.listChangedDebounceMs).unref()
  }

  /** Look after sessions and streams: forget idle ones, break silences, notice rights that have run out. Runs by itself every 5 s. */
  tick(): void {
    const { sessions, streams, store, calls, limits } = this.#state
    const nowMs = this.#state.nowMs()
    for (const session of sessions.idle(nowMs)) endSession(this.#state, session)
    for (const session of sessions.all()) expireQuestions(session, nowMs)
    store.sweep(nowMs)
    for (const open of [...streams, ...calls.exchanges()]) open.keepAlive(nowMs, limits.keepAliveMs)
    this.#reportDropped()
    const expired = [...streams].filter((stream) => stream.caller.grants.expiresAt <= nowMs)
    if (expired.length > 0) void announceChanges(expired, this.#state)
  }

  /** Refuse what comes now, end the streams, give calls in flight `budgetMs` to finish, then take them back. */
  async close(budgetMs: number): Promise<void> {
    this.#closed = true
    clearInterval(this.#ticker)
    clearTimeout(this.#announcing)
    for (const stream of this.#state.streams) stream.end()
    await this.#state.calls.drained(budgetMs)
    for (const session of this.#state.sessions.all()) withdrawAll(session, stopping())
    for (const call of this.#state.calls.all()) interrupt(call)
  }

  #reportDropped(): void {
    const { droppedNotifications, log } = this.#state
    const dropped = droppedNotifications - this.#droppedBefore
    if (dropped > 0) log.warn({ dropped }, 'mcp.notifications_dropped')
    this.#droppedBefore = droppedNotifications
  }

  #delete(request: McpRequest): void {
    endSession(this.#state, findSession(this.#state, request))
    request.res.writeHead(204, { ...request.answerHeaders }).end()
  }

  #refuse({ res, answerHeaders, requestId }: McpRequest, thrown: unknown): void {
    if (!(thrown instanceof Refusal)) this.#state.log.error({ err: thrown, requestId }, 'mcp.bug')
    if (res.headersSent) return void res.destroy()
    const refusal = thrown instanceof Refusal ? thrown : new Refusal(500, RPC.internalError, Fault.from(thrown).message)
    const { status, code, message, id, headers } = refusal
    sendJson({ res, headers: { ...answerHeaders, ...headers } }, status, errorText(id, code, message, { requestId }))
  }
}

const stopping = (): Fault => new Fault('unavailable', 'The gateway stopped before the call had ended.')

function interrupt(call: Call): void {
  if (call.settled) return
  call.settled = true
  const fault = stopping()
  call.controller.abort(fault)
  call.exchange.respond(call.id, errorText(call.id, FAULTS.unavailable.rpc, fault.message))
}
