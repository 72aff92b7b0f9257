import { z } from 'zod'

/** The section `[upstream]` of `gatehouse.toml`. */
export const upstreamSettings = z.strictObject({
  /** Alias → how to reach the server. Judged one by one at start, so that a broken one never hides the others. */
  servers: z.record(z.string(), z.unknown()).default({}),
  /** A file with `{"mcpServers": {…}}` as other programs write it; its servers stand beside `servers`. */
  serversFile: z.string().min(1).optional(),
  /** Which servers of the configuration are connected at start: their aliases, or `*`. Without it each says so itself. */
  autoEnable: z.array(z.string()).optional(),
  /** How often each connected server is asked for its tools. Default 30 s. */
  healthIntervalSeconds: z.int().min(1).max(86_400).default(30),
  /** How long it may take to answer that. Default 10 s. */
  healthTimeoutMs: z.int().min(100).max(600_000).default(10_000),
  /** A session without a call for this long is closed. Default 5 min. */
  sessionIdleMs: z.int().min(1_000).max(86_400_000).default(300_000),
  /** From TERM to KILL for a server's processes. Default 2 s. */
  killAfterMs: z.int().min(0).max(60_000).default(2_000),
})

export type UpstreamSettings = z.output<typeof upstreamSettings>
