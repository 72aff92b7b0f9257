import { createEvents } from '../../../src/core/events.ts'
import { createIds } from '../../../src/core/id.ts'
import { createLogger } from '../../../src/core/logger.ts'
import { AccessSettings } from '../../../src/module/access/access.settings.ts'
import { openAccessStore } from '../../../src/module/access/access.store.ts'
import { addGrant } from '../../../src/module/access/grants.ts'
import { TEST_KEYS } from './test-keys.ts'

// Run as a process of its own: write a number of grants into a store that a gateway has open.
const [dataDir, userId, count] = process.argv.slice(2)
const { log } = createLogger('error')
const store = await openAccessStore({
  dataDir: dataDir!,
  settings: AccessSettings.parse({}),
  nowMs: Date.now,
  nextId: createIds(Date.now),
  log,
  keys: TEST_KEYS,
  permits: () => [],
  events: createEvents(log),
  find: () => undefined,
})
for (let index = 0; index < Number(count); index += 1) {
  await addGrant(store, { userId: Number(userId), key: `tool:beside${index}`, expiresAt: null, by: 'cli' })
}
await store.close()
