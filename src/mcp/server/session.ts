import type { Client } from '../../contract/visit.ts'
import type { Roster } from '../../core/churn/roster.ts'
import type { RpcId } from '../rpc.ts'
import type { Call } from './call.ts'
import type { EventQueue } from './event-queue.ts'
import type { KnownLists } from './lists.ts'
import type { LogLevel } from './log-level.ts'
import type { NumberedStream } from './numbered-stream.ts'
import type { Question } from './question.ts'
import type { Revision } from './revision.ts'
import type { StandingStream } from './standing-stream.ts'

/** What is kept of a client between its messages; small, because there may be thousands. */
export interface Session {
  /** 256 random bits, base64url. Never a credential: it is worth nothing without one of its caller's. */
  readonly id: string
  readonly callerId: string
  /** Whose credential opened it, as `Caller` has it. */
  readonly userId: number | undefined
  readonly tokenId: number | undefined
  /** Names the session to the door and to upstreams; begins with the caller's id and gives nothing away of `id`. */
  readonly key: string
  /** The one source that it was opened at; `undefined` for all. */
  readonly source: string | undefined
  readonly revision: Revision
  /** MCP `ClientCapabilities`, as the client declared them. */
  readonly capabilities: Client['capabilities']
  /** MCP `Implementation`, as the client introduced itself. */
  readonly info: NonNullable<Client['info']>
  /** The client, as tools know it; made when the first call comes. */
  client: Client | undefined
  /** `notifications/initialized` has come. */
  initialized: boolean
  level: LogLevel | undefined
  lastSeenAt: number
  /** `lastSeenAt` as it was written down last. */
  keptSeenAt: number
  /** The lists as the client knows them. */
  known: KnownLists
  /** Streams opened so far, so that event ids stay unique. */
  streamCount: number
  /** Streams up to this one were opened in an earlier process, and nothing of them is here; 0 where there was none. */
  readonly lostStreams: number
  /** The one stream for what belongs to no call. */
  stream: StandingStream | undefined
  /** Streams of calls in flight, by name; made when the first one is opened. */
  callStreams: Map<string, NumberedStream> | undefined
  /** What may have to be sent again, oldest first. */
  kept: { readonly events: EventQueue; bytes: number } | undefined
  /** Calls in flight; made when the first one comes. */
  calls: Roster<Call> | undefined
  /** What the client was asked, by the id of the request to it; made when the first one goes out. */
  questions: Map<RpcId, Question> | undefined
  /** Questions so far, so that ids stay unique. */
  questionCount: number
  /** When its servers were last told that its roots changed, and whether they have to be told again. */
  rootsToldAt: number
  rootsStale: boolean
  /** URIs that it watches; made with the first one. */
  watched: Set<string> | undefined
  /** Those of them that it watched in an earlier process, and which have not been asked for again. */
  toWatch: Set<string> | undefined
}
