import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import type { Caller } from '../../contract/caller.ts'
import type { BaseHeaders } from './event-stream.ts'

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
