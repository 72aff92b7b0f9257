import type { RelayedResult } from '../../contract/visit.ts'
import { scrubValue } from '../../core/scrub-value.ts'
import { answerServer } from './answer-server.ts'
import type { Call } from './call.ts'
import { onlyClientsCall } from './line.ts'
import type { Link } from './link.ts'
import type { Params } from './question.ts'
import type { SessionLine } from './sessions.ts'

/** Whom what a server says is for. */
export class Hearing {
  readonly #link: Link

  constructor(link: Link) {
    this.#link = link
  }

  /** A result, as the client of the call is told it. */
  result({ visit }: Call, result: RelayedResult): RelayedResult {
    return this.#link.uris.result(visit.client, result)
  }

  /** On the stream of a call. */
  duringCall(line: SessionLine, call: Call, method: string, params: unknown): void {
    if (!this.#isOurs(line, method, params)) call.visit.notify?.(method, params)
  }

  /** On no call's stream, as all is over stdio: then it is for the call under way, or else for whose line it is. */
  outsideCalls(line: SessionLine, method: string, params: unknown): void {
    if (this.#isOurs(line, method, params) || line.owner === undefined) return
    const call = onlyClientsCall(line.calls)
    if (call?.visit.notify !== undefined) call.visit.notify(method, params)
    else line.owner.client?.standing?.notify(method, scrubValue(params))
  }

  /** A question on no call's stream. @throws RpcError */
  asked(line: SessionLine, method: string, params: unknown, signal: AbortSignal): Promise<unknown> {
    return answerServer(this.#link, onlyClientsCall(line.calls) ?? line.owner, method, params, signal)
  }

  /** What is about the server and not about a call. */
  #isOurs(line: SessionLine, method: string, params: unknown): boolean {
    if (method.endsWith('/list_changed')) this.#link.lists.heard(method)
    else if (method === 'notifications/resources/updated') this.#link.subscriptions.heard(line.key, params as Params)
    else return false
    return true
  }
}
