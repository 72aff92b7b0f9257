import type { House } from '../../contract/house.ts'
import type { RelayedResult } from '../../contract/visit.ts'
import { scrubValue } from '../../core/scrub-value.ts'
import { answerServer } from './answer-server.ts'
import type { Call } from './call.ts'
import { likeliestAsker, onlyClientsCall } from './line.ts'
import type { Link } from './link.ts'
import type { Params } from './question.ts'
import type { SessionLine } from './sessions.ts'
import { VisitedPages } from './visited-pages.ts'

/** How long a server may still ask about a call that nobody waits for any more. */
const AFTERMATH_MS = 60_000

/** Whom what a server says is for, and in which words they know it. */
export class Hearing {
  readonly #link: Link
  readonly #background: House['background']
  readonly #nowMs: () => number
  /** Pages that calls wait for. */
  readonly pages = new VisitedPages()
  /** Client sessions with a call that ended without an answer, and until when questions may be about it. */
  readonly #unanswered = new Map<string, number>()

  constructor(link: Link, { background, nowMs }: Pick<House, 'background' | 'nowMs'>) {
    this.#link = link
    this.#background = background
    this.#nowMs = nowMs
  }

  /** A call was given up: what its server still asks over a line of many must not reach the client of another. */
  gaveUp({ visit, lineKey }: Call): void {
    if (lineKey !== '') return
    const now = this.#nowMs()
    for (const [key, until] of this.#unanswered) if (until <= now) this.#unanswered.delete(key)
    this.#unanswered.set(visit.sessionKey, now + AFTERMATH_MS)
  }

  /** A result, as the client of the call is told it: with the URIs and task ids that it knows. */
  result(call: Call, result: RelayedResult): RelayedResult {
    const { tasks, uris, subscriptions } = this.#link
    const before = tasks.size
    const shown = tasks.result(this.#link, call, uris.result(call.visit.client, result))
    if (tasks.size > before) this.#background('upstream.task_unfollowed', subscriptions.followTasks())
    return shown
  }

  /** On the stream of a call. */
  duringCall(line: SessionLine, call: Call, method: string, params: unknown): void {
    if (this.#isOurs(line, method, params)) return
    const shown = this.#shown(line.key, params)
    if (!this.#isOfNoTask(method, shown)) call.visit.notify?.(method, shown)
  }

  /**
   * On no call's stream, as all is over stdio: then it is for the call under way, or else for whose line it is. On a line of many it may be about
   * a call that is over, of somebody else; but a server of the stateless era has nothing to say when no request is under way.
   */
  outsideCalls(line: SessionLine, method: string, params: unknown): void {
    if (this.#isOurs(line, method, params)) return
    const shown = scrubValue(this.#shown(line.key, params))
    if (this.#isOfNoTask(method, shown)) return
    const isOfCalls = line.owner !== undefined || this.#link.era === 'stateless'
    const call = isOfCalls ? onlyClientsCall(line.calls) : undefined
    if (call?.visit.notify !== undefined) call.visit.notify(method, shown)
    else (line.owner?.client ?? this.#taskClient(method, shown))?.standing?.notify(method, shown)
  }

  /** A question on the stream of a call. @throws RpcError */
  askedDuringCall(call: Call, method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    return answerServer(this.#link, call, method, this.#shown(call.lineKey, params), signal)
  }

  /** A question on no call's stream. Where the call that it was taken to belong to ends first, it belonged to another. @throws RpcError */
  async asked(line: SessionLine, method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    const shown = this.#shown(line.key, params)
    // A server without sessions asks on the stream of a call, or nobody in particular: its only call now may have nothing to do with it.
    const isForAll = line.owner === undefined && !this.#link.definition.shared
    for (;;) {
      const isGuess = line.calls.size > 1
      const call = isForAll ? undefined : this.#asker(line)
      try {
        return await answerServer(this.#link, call ?? line.owner, method, shown, signal)
      } catch (thrown) {
        if (!isGuess || signal.aborted || !call?.over.aborted) throw thrown
      }
    }
  }

  /** The call that asks, unless it might be one of another client that was given up. */
  #asker(line: SessionLine): Call | undefined {
    const call = likeliestAsker(line.calls)
    if (call === undefined || line.owner !== undefined) return call
    const now = this.#nowMs()
    const isOthers = [...this.#unanswered].some(([key, until]) => key !== call.visit.sessionKey && until > now)
    return isOthers ? undefined : call
  }

  /** What is about the server and not about a call. */
  #isOurs(line: SessionLine, method: string, params: unknown): boolean {
    if (method.endsWith('/list_changed')) {
      this.#link.lists.heard(method)
      this.#link.ownLists.heard(line, method)
    } else if (method === 'notifications/resources/updated') this.#link.subscriptions.heard(line.key, params as Params)
    else return method === 'notifications/elicitation/complete' && this.pages.heard(params as Params)
    return true
  }

  #shown(lineKey: string, params: unknown): unknown {
    return isRecord(params) ? this.#link.tasks.shown(this.#link, lineKey, params) : params
  }

  /** Of a task that nobody was told of: of one that has just begun, which its client cannot know by any id yet, or that the gateway waits for. */
  #isOfNoTask(method: string, shown: unknown): boolean {
    return method.startsWith('notifications/tasks') && isRecord(shown) && !this.#link.tasks.find(String(shown['taskId']))
  }

  /** What is said of a task over a connection for all is for whoever began it. */
  #taskClient(method: string, params: unknown) {
    return method.startsWith('notifications/tasks') && isRecord(params) ? this.#link.tasks.clientOf(params) : undefined
  }
}

const isRecord = (value: unknown): value is Params => typeof value === 'object' && value !== null && !Array.isArray(value)
