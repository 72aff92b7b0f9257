/** How MCP is spoken: revisions 2024-11-05 … 2025-11-25 with a handshake and sessions, or 2026-07-28, where each request stands alone. */
export type Era = 'session' | 'stateless'

/** What carries the messages: standard input and output, Streamable HTTP, or the HTTP+SSE of 2024-11-05. */
export type Wire = 'stdio' | 'http' | 'sse'

/** How a server is spoken to, worth remembering because finding it out costs a request or a process. */
export interface Verdict {
  readonly era: Era
  readonly wire: Wire
}
