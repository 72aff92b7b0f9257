import { z } from 'zod'

/** The section `[http.mcp]` of `gatehouse.toml`: bounds of the server side of the protocol. */
export const mcpLimits = z.strictObject({
  /** A session that nobody used for so long is forgotten, over restarts of the gateway too; its client is answered 404 and starts anew. Default 30 minutes. */
  sessionIdleMs: z.int().min(1_000).default(1_800_000),
  /** Sessions of all callers together; as many clients of the stateless era, and as many of their subscription streams. */
  maxSessions: z.int().min(1).default(10_000),
  /** The same of one caller. */
  maxSessionsPerCaller: z.int().min(1).default(2_000),
  /** Entries per page of `tools/list` and of the other lists. Many clients never ask for a second page, so it is large. */
  toolsPerPage: z.int().min(1).max(10_000).default(1_000),
  /** Silence after which a comment is sent on an open stream, and a waiting answer turns into one. Default 15 s: proxies cut silent connections. */
  keepAliveMs: z.int().min(1_000).default(15_000),
  /** Bytes that may wait for a slow reader of a stream. Beyond it, notifications of a call are dropped and a standing stream is closed. Default 1 MiB. */
  streamBufferBytes: z.int().min(1_024).default(1_048_576),
  /** How long what was sent on a stream is kept for a client that lost its connection. Default 60 s. */
  replayMs: z.int().min(1_000).default(60_000),
  /** Bytes of it for one session; the oldest go first. Default 1 MiB. */
  replayBytesPerSession: z.int().min(1_024).default(1_048_576),
  /** Bytes of it for all sessions together. Default 32 MiB. */
  replayBytes: z.int().min(1_024).default(33_554_432),
  /** How long a client may take to answer what a server asks it; a person may have to be found. Default 10 minutes. */
  answerMs: z.int().min(1_000).default(600_000),
  /** Questions of servers that one session, or one call of the stateless era, may have before it. */
  maxQuestionsPerSession: z.int().min(1).default(64),
  /** Requests of one session, or of one client of the stateless era, that may wait for their answers at the same time. */
  maxCallsPerSession: z.int().min(1).default(1_000),
  /** Resources that one session, or one client of the stateless era, may watch. */
  maxSubscriptionsPerSession: z.int().min(1).default(1_000),
  /** Characters of what all servers together tell a model about themselves when it connects. Default 16 000. */
  instructionsChars: z.int().min(1_000).default(16_000),
  /** Changes that follow each other within this time are announced once. */
  listChangedDebounceMs: z.int().min(1).default(100),
  /** Calls of all callers that may wait until a client of the stateless era answers with a request of its own. Each holds what it holds at its upstream. */
  maxParked: z.int().min(1).default(1_000),
  /** The same of one caller. */
  maxParkedPerCaller: z.int().min(1).default(100),
})

export type McpLimits = z.output<typeof mcpLimits>
