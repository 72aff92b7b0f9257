import { type QueueSettings, queueSettings } from '../../../queue/queue.settings.ts'
import { defineModule } from '../../contract/module.ts'
import { jobOperations } from './job.operations.ts'
import { laneOperations } from './lane.operations.ts'
import { limitOperations } from './limit.operations.ts'
import { queuePages } from './queue.pages.ts'
import { openQueueStore, type QueueStore } from './queue.store.ts'

/** The operators' view of the lanes: what waits, runs and failed, and the means to intervene. The lanes themselves are the house's. */
export const queue = defineModule<QueueStore, QueueSettings>({
  name: 'queue',
  settings: queueSettings,
  open: openQueueStore,
  operations: (op) => ({ ...laneOperations(op), ...jobOperations(op), ...limitOperations(op) }),
  pages: queuePages,
})
