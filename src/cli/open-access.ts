import type { Config } from '../config/load.ts'
import { createEvents } from '../core/events.ts'
import { createIds } from '../core/id.ts'
import { createLogger } from '../core/logger.ts'
import type { AccessSettings } from '../module/access/access.settings.ts'
import { type AccessStore, openAccessStore } from '../module/access/access.store.ts'
import { modules } from '../module/index.ts'
import { openKeys } from './open-keys.ts'

/** Open the access store alone, which is safe while a gateway runs on the same folder. */
export function openAccess(config: Config): Promise<AccessStore> {
  const { log } = createLogger('error')
  return openAccessStore({
    dataDir: config.dataDir,
    settings: config.sections['access'] as AccessSettings,
    nowMs: Date.now,
    nextId: createIds(Date.now),
    log,
    keys: openKeys(config),
    permits: () =>
      [...new Set(modules.flatMap(({ operations }) => Object.values(operations).map(({ permit }) => permit)))].sort(),
    events: createEvents(log),
    find: () => undefined,
  })
}
