import type { RpcId } from '../rpc.ts'
import type { Call } from './call.ts'
import type { LogLevel } from './log-level.ts'
import type { Revision } from './revision.ts'
import type { StandingStream } from './standing-stream.ts'

/** What is kept of a client between its messages; small, because there may be thousands. */
export interface Session {
  /** 256 random bits, base64url. Never a credential: it is worth nothing without one of its caller's. */
  readonly id: string
  readonly callerId: string
  /** Names the session to the door and to upstreams; begins with the caller's id and gives nothing away of `id`. */
  readonly key: string
  /** The one source that it was opened at; `undefined` for all. */
  readonly source: string | undefined
  readonly revision: Revision
  /** `notifications/initialized` has come. */
  initialized: boolean
  level: LogLevel | undefined
  lastSeenAt: number
  /** Fingerprint of the tool list that the client knows of. */
  knownTools: string
  /** Streams opened so far, so that event ids stay unique. */
  streamCount: number
  /** The one stream for what belongs to no call. */
  stream: StandingStream | undefined
  /** Calls in flight by request id; made when the first one comes. */
  calls: Map<RpcId, Call> | undefined
}
