import { defineModule } from '../../contract/module.ts'
import { upstreamOperations } from './upstream.operations.ts'
import { upstreamPages } from './upstream.pages.ts'
import { upstreamSettings } from './upstream.settings.ts'
import { openUpstreamStore } from './upstream.store.ts'

/** MCP servers behind the gateway: which there are, how they are reached, and their tools. */
export const upstream = defineModule({
  name: 'upstream',
  settings: upstreamSettings,
  open: openUpstreamStore,
  operations: upstreamOperations,
  pages: upstreamPages,
  source: ({ registry }) => registry.source,
  service: ({ registry, house }) => {
    let unsubscribe: readonly (() => void)[] = []
    return {
      async start() {
        unsubscribe = [
          house.events.subscribe('session_ended', ({ sessionKey }) =>
            house.background('upstream.session_end_failed', registry.endSession(sessionKey)),
          ),
          house.events.subscribe('roots_changed', ({ sessionKey }) => registry.rootsChanged(sessionKey)),
        ]
        await registry.start()
      },
      async stop() {
        for (const end of unsubscribe) end()
        await registry.stop()
      },
    }
  },
})
