import { z } from 'zod'

/** The section `[http.mcp]` of `gatehouse.toml`: bounds of the server side of the protocol. */
export const mcpLimits = z.strictObject({
  /** A session that nobody used for so long is forgotten; its client is answered 404 and starts anew. Default 30 minutes. */
  sessionIdleMs: z.int().min(1_000).default(1_800_000),
  /** Sessions of all callers together; as many clients of the stateless era, and as many of their subscription streams. */
  maxSessions: z.int().min(1).default(10_000),
  /** The same of one caller. */
  maxSessionsPerCaller: z.int().min(1).default(2_000),
  /** Tools per page of `tools/list`. Many clients never ask for a second page, so it is large. */
  toolsPerPage: z.int().min(1).max(10_000).default(1_000),
  /** Silence after which a comment is sent on an open stream, and a waiting answer turns into one. Default 15 s: proxies cut silent connections. */
  keepAliveMs: z.int().min(1_000).default(15_000),
  /** Bytes that may wait for a slow reader of a stream. Beyond it, notifications of a call are dropped and a standing stream is closed. Default 1 MiB. */
  streamBufferBytes: z.int().min(1_024).default(1_048_576),
  /** Changes that follow each other within this time are announced once. */
  listChangedDebounceMs: z.int().min(1).default(100),
  /** How long a call waits for a client that was asked something and answers with a request of its own (stateless era). Default 10 minutes. */
  inputWaitMs: z.int().min(1_000).default(600_000),
  /** Calls of all callers that may wait so. Each holds what it holds at its upstream. */
  maxParked: z.int().min(1).default(1_000),
  /** Calls of one caller that may wait so. */
  maxParkedPerCaller: z.int().min(1).default(100),
})

export type McpLimits = z.output<typeof mcpLimits>
