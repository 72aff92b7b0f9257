import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Caller } from '../../contract/caller.ts'
import { FAULTS, Fault } from '../../contract/fault.ts'
import type { Log } from '../../contract/house.ts'
import { RPC, RpcError, type RpcId, type RpcRequest } from '../rpc.ts'
import type { Backend } from './backend.ts'
import { type Call, cancelCall } from './call.ts'
import type { BaseHeaders } from './event-stream.ts'
import { Exchange, sendJson } from './exchange.ts'
import { type Identity, instructionsFor, readHello, welcome } from './initialize.ts'
import type { McpLimits } from './limits.ts'
import { announceTools, closeStream } from './list-changed.ts'
import { type ClientMessage, parseBody, readMessage } from './message.ts'
import { ALWAYS_ALLOWED, METHODS, NOTICES } from './methods.ts'
import { REFUSAL, Refusal } from './refusal.ts'
import { requireGetHeaders, requireKnownRevision, requirePostHeaders, requireSessionId } from './request-headers.ts'
import { errorText, resultText } from './response-text.ts'
import { REVISIONS } from './revision.ts'
import type { Session } from './session.ts'
import { SessionTable } from './session-table.ts'
import { StandingStream } from './standing-stream.ts'
import { ToolLists } from './tool-lists.ts'

/** How often sessions and streams are looked after, by one timer for all of them. */
const TICK_MS = 5_000

/** Messages in one array of a 2025-03-26 client. */
const MAX_BATCH = 100

export interface McpServerOptions {
  readonly backend: Backend
  readonly limits: McpLimits
  readonly identity: Identity
  readonly nowMs: () => number
  readonly log: Log
}

/** One HTTP request whose sender is known. */
export interface McpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE'
  readonly headers: IncomingHttpHeaders
  /** The body as it came, of a POST. */
  readonly body: string
  readonly res: ServerResponse
  /** Headers that every answer carries. */
  readonly answerHeaders: BaseHeaders
  readonly caller: Caller
  /** Ask anew who the sender is, for a stream that outlives the request. @throws Fault `unauthorized` */
  readonly refresh: () => Promise<Caller>
  readonly requestId: string
  /** The one source that the address serves; `undefined` for all. */
  readonly source: string | undefined
}

/**
 * The server side of MCP over Streamable HTTP, session era (2024-11-05 … 2025-11-25).
 *
 * One protocol core for all sessions; a session is a small record. Knows nothing of what is behind the backend.
 */
export class McpServer {
  readonly #options: McpServerOptions
  readonly #sessions: SessionTable
  readonly #toolLists: ToolLists
  readonly #streams = new Set<StandingStream>()
  readonly #calls = new Set<Call>()
  readonly #ticker: NodeJS.Timeout
  #announcing: NodeJS.Timeout | undefined
  #whenIdle: (() => void) | undefined
  #closed = false
  #droppedNotifications = 0

  constructor(options: McpServerOptions) {
    this.#options = options
    this.#sessions = new SessionTable(options.limits)
    this.#toolLists = new ToolLists(options.backend, options.limits.toolsPerPage)
    this.#ticker = setInterval(() => this.tick(), TICK_MS).unref()
  }

  /** Open sessions. */
  get sessions(): number {
    return this.#sessions.size
  }

  /** Open standing streams (GET). */
  get streams(): number {
    return this.#streams.size
  }

  /** Calls that have not been answered. */
  get requestsInFlight(): number {
    return this.#calls.size
  }

  /** Notifications that slow readers did not get, since the start. */
  get droppedNotifications(): number {
    return this.#droppedNotifications
  }

  /** Answer one request. Never throws: what goes wrong becomes an answer. */
  async handle(request: McpRequest): Promise<void> {
    try {
      if (this.#closed) throw new Refusal(503, FAULTS.unavailable.rpc, 'The gateway is stopping. Try again when it is back.')
      if (request.method === 'POST') await this.#post(request)
      else if (request.method === 'GET') this.#get(request)
      else this.#delete(request)
    } catch (thrown) {
      this.#refuse(request, thrown)
    }
  }

  /** Tools or rights have changed. Told to the clients concerned a little later, once for all changes until then. */
  toolsChanged(): void {
    if (this.#closed || this.#announcing) return
    this.#announcing = setTimeout(() => {
      this.#announcing = undefined
      void this.#announce([...this.#streams])
    }, this.#options.limits.listChangedDebounceMs).unref()
  }

  /** Look after sessions and streams: forget idle ones, break silences, notice rights that have run out. Runs by itself every 5 s. */
  tick(): void {
    const nowMs = this.#options.nowMs()
    const { keepAliveMs } = this.#options.limits
    for (const session of this.#sessions.idle(nowMs)) this.#end(session)
    for (const stream of this.#streams) stream.keepAlive(nowMs, keepAliveMs)
    for (const exchange of new Set([...this.#calls].map((call) => call.exchange))) exchange.keepAlive(nowMs, keepAliveMs)
    const expired = [...this.#streams].filter((stream) => stream.caller.grants.expiresAt <= nowMs)
    if (expired.length > 0) void this.#announce(expired)
  }

  /** Refuse what comes now, end the streams, give calls in flight `budgetMs` to finish, then take them back. */
  async close(budgetMs: number): Promise<void> {
    this.#closed = true
    clearInterval(this.#ticker)
    clearTimeout(this.#announcing)
    for (const stream of this.#streams) stream.end()
    await this.#drained(budgetMs)
    for (const call of this.#calls) this.#interrupt(call)
  }

  async #post(request: McpRequest): Promise<void> {
    requirePostHeaders(request.headers)
    const raw = parseBody(request.body)
    if (Array.isArray(raw)) return this.#batch(request, raw)
    const read = readMessage(raw)
    if (read.kind === 'malformed') throw new Refusal(400, RPC.invalidRequest, read.reason, { id: read.id })
    if (read.kind === 'request' && read.message.method === 'initialize') return this.#initialize(request, read.message)
    const session = this.#session(request)
    if (read.kind !== 'request') return this.#accept(request, session, [read])
    await this.#answer(request, session, this.#exchange(request, 1, false), read.message)
  }

  async #batch(request: McpRequest, raw: readonly unknown[]): Promise<void> {
    const session = this.#session(request)
    if (!REVISIONS[session.revision].batches || raw.length === 0 || raw.length > MAX_BATCH)
      throw new Refusal(
        400,
        RPC.invalidRequest,
        `An array of 1 to ${MAX_BATCH} messages is taken in a 2025-03-26 session only. Send one message per POST.`,
      )
    const messages = raw.map(readMessage)
    const awaited = messages.filter(({ kind }) => kind === 'request' || kind === 'malformed').length
    if (awaited === 0) return this.#accept(request, session, messages)
    const exchange = this.#exchange(request, awaited, true)
    const answers = messages.map((read) => {
      if (read.kind === 'request') return this.#answer(request, session, exchange, read.message)
      if (read.kind === 'malformed') return exchange.respond(errorText(read.id, RPC.invalidRequest, read.reason))
      return this.#notice(session, read)
    })
    await Promise.all(answers)
  }

  #initialize(request: McpRequest, message: RpcRequest): void {
    this.#refuseSecondInitialize(request, message.id)
    const { caller, source, requestId, res, answerHeaders } = request
    const { identity, log, nowMs } = this.#options
    try {
      const hello = readHello(message)
      const session = this.#sessions.open({
        callerId: caller.id,
        source,
        revision: hello.revision,
        knownTools: this.#toolLists.fingerprint(caller, source),
        nowMs: nowMs(),
      })
      log.debug({ requestId, caller: caller.id, session: session.key, source, ...hello }, 'mcp.session_opened')
      const result = welcome(hello.revision, identity, instructionsFor(source, this.#toolLists.isEmpty(caller, source)))
      sendJson({ res, headers: { ...answerHeaders, 'mcp-session-id': session.id } }, 200, resultText(message.id, result))
    } catch (thrown) {
      if (!(thrown instanceof RpcError)) throw thrown
      sendJson({ res, headers: answerHeaders }, 200, errorText(message.id, thrown.code, thrown.message))
    }
  }

  /** A stale id is let pass: its client lost the session and starts anew. */
  #refuseSecondInitialize({ headers, caller, source }: McpRequest, id: RpcId): void {
    const known = headers['mcp-session-id']
    if (typeof known === 'string' && this.#sessions.find(known, caller.id, source))
      throw new Refusal(400, RPC.invalidRequest, 'The session is initialized already. Send initialize without a session id.', {
        id,
      })
  }

  /** Answer one request of a session; whatever it throws becomes its answer. */
  async #answer(request: McpRequest, session: Session, exchange: Exchange, message: RpcRequest): Promise<void> {
    const { caller, requestId } = request
    const { backend, log } = this.#options
    try {
      const method = METHODS.get(message.method)
      if (!method) throw new RpcError(RPC.methodNotFound, `There is no method ${message.method.slice(0, 100)} here.`)
      if (!session.initialized && !ALWAYS_ALLOWED.has(message.method))
        throw new RpcError(
          RPC.invalidRequest,
          'The session waits for notifications/initialized. Send it before any request but ping.',
        )
      const turn = { backend, toolLists: this.#toolLists, calls: this.#calls, session, caller, exchange, requestId }
      const answer = method(turn, message)
      if (typeof answer === 'string') exchange.respond(resultText(message.id, answer))
      else await answer
    } catch (thrown) {
      if (!(thrown instanceof RpcError)) log.error({ err: thrown, requestId, method: message.method }, 'mcp.bug')
      const error = thrown instanceof RpcError ? thrown : new RpcError(RPC.internalError, Fault.from(thrown).message)
      exchange.respond(errorText(message.id, error.code, error.message, error.data))
    }
    if (this.#calls.size === 0) this.#whenIdle?.()
  }

  #accept({ res, answerHeaders }: McpRequest, session: Session, messages: readonly ClientMessage[]): void {
    for (const read of messages) this.#notice(session, read)
    res.writeHead(202, { ...answerHeaders, 'content-length': 0 }).end()
  }

  /** Nothing has been asked of a client, so its responses answer nothing and are dropped. */
  #notice(session: Session, read: ClientMessage): void {
    if (read.kind === 'notification') NOTICES.get(read.message.method)?.(session, read.message)
  }

  #get(request: McpRequest): void {
    requireGetHeaders(request.headers)
    const session = this.#session(request)
    const { caller, refresh, res, answerHeaders } = request
    // The newest wins: a client that lost its connection must not wait until the old one is found dead.
    session.stream?.end()
    const stream = new StandingStream({
      session,
      res,
      headers: answerHeaders,
      caller,
      refresh,
      bufferBytes: this.#options.limits.streamBufferBytes,
      nowMs: this.#options.nowMs(),
    })
    session.stream = stream
    this.#streams.add(stream)
    res.once('close', () => {
      this.#streams.delete(stream)
      closeStream(stream, this.#options.nowMs())
    })
    void this.#announce([stream])
  }

  #delete(request: McpRequest): void {
    this.#end(this.#session(request))
    request.res.writeHead(204, { ...request.answerHeaders }).end()
  }

  /** The live session that a message names. @throws Refusal 400, 404 */
  #session({ headers, caller, source }: McpRequest): Session {
    const id = requireSessionId(headers)
    requireKnownRevision(headers)
    const session = this.#sessions.find(id, caller.id, source)
    if (!session)
      throw new Refusal(
        404,
        REFUSAL.sessionNotFound,
        'Session not found: it was ended or has expired. Send initialize to begin a new one.',
      )
    session.lastSeenAt = this.#options.nowMs()
    return session
  }

  #end(session: Session): void {
    this.#sessions.remove(session)
    session.stream?.end()
    for (const call of session.calls?.values() ?? [])
      cancelCall(call, new Fault('cancelled', 'The session was ended by its client.'))
    this.#options.backend.sessionEnded(session.key)
  }

  #exchange({ res, answerHeaders }: McpRequest, awaited: number, batched: boolean): Exchange {
    return new Exchange({
      res,
      headers: answerHeaders,
      awaited,
      batched,
      bufferBytes: this.#options.limits.streamBufferBytes,
      nowMs: this.#options.nowMs,
      onDrop: () => {
        this.#droppedNotifications += 1
      },
    })
  }

  async #announce(streams: readonly StandingStream[]): Promise<void> {
    try {
      await announceTools(streams, this.#toolLists, this.#options)
    } catch (thrown) {
      this.#options.log.error({ err: thrown }, 'mcp.bug')
    }
  }

  #drained(budgetMs: number): Promise<void> {
    if (this.#calls.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, budgetMs)
      this.#whenIdle = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  #interrupt(call: Call): void {
    if (call.settled) return
    call.settled = true
    const fault = new Fault('unavailable', 'The gateway stopped before the call had ended.')
    call.controller.abort(fault)
    call.exchange.respond(errorText(call.id, FAULTS.unavailable.rpc, fault.message))
  }

  #refuse({ res, answerHeaders, requestId }: McpRequest, thrown: unknown): void {
    if (!(thrown instanceof Refusal)) this.#options.log.error({ err: thrown, requestId }, 'mcp.bug')
    if (res.headersSent) return void res.destroy()
    const refusal = thrown instanceof Refusal ? thrown : new Refusal(500, RPC.internalError, Fault.from(thrown).message)
    const { status, code, message, id, headers } = refusal
    sendJson({ res, headers: { ...answerHeaders, ...headers } }, status, errorText(id, code, message, { requestId }))
  }
}
