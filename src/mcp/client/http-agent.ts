import { createRequire } from 'node:module'
import type { Agent, Dispatcher } from 'undici'
import { type EgressRules, egressSettings } from '../../contract/egress.ts'
import { guardedConnector } from '../../core/egress/guarded-connector.ts'

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
 *
 * @param rules what may be reached; default what may be without any configuration
 */
export function createHttpAgent(rules: EgressRules = egressSettings.parse({})): HttpAgent {
  let agent: Agent | undefined
  return {
    dispatch(request, handler) {
      agent ??= openAgent(rules)
      return agent.dispatch(request, handler)
    },
    destroy: async () => agent?.destroy(),
  }
}

function openAgent(rules: EgressRules): Agent {
  const Constructor = require('undici/lib/dispatcher/agent.js') as typeof Agent
  // Timeouts are the peer's: a stream may be silent for as long as its request allows.
  return new Constructor({
    // As many as there are: each session keeps a stream of its own, and a limit that these use up would let no call through. How many there
    // can be is bounded where they are begun, by the sessions and the concurrency of an upstream.
    connections: null,
    keepAliveTimeout: 60_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: guardedConnector({ rules, scope: rules.upstreams, http2: true }),
  })
}
