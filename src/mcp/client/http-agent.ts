import { createRequire } from 'node:module'
import type { Agent, Dispatcher } from 'undici'

const require = createRequire(import.meta.url)

/** Sockets to HTTP upstreams. */
export interface HttpAgent {
  dispatch(request: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean
  /** Close all sockets. */
  destroy(): Promise<void>
}

/**
 * Sockets to all HTTP upstreams: kept alive, pooled per origin, free of any caller's identity.
 *
 * undici is loaded with the first request, because a gateway without HTTP upstreams stays 3 MB smaller; and its Agent alone, because its index also
 * loads fetch, WebSocket, caches and mocks, 80 files and 6 MB of memory that nothing here uses.
 */
export function createHttpAgent(): HttpAgent {
  let agent: Agent | undefined
  return {
    dispatch(request, handler) {
      agent ??= openAgent()
      return agent.dispatch(request, handler)
    },
    destroy: async () => agent?.destroy(),
  }
}

function openAgent(): Agent {
  const Constructor = require('undici/lib/dispatcher/agent.js') as typeof Agent
  // Timeouts are the peer's: a stream may be silent for as long as its request allows.
  return new Constructor({
    connections: 256,
    keepAliveTimeout: 60_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: 5_000 },
  })
}
