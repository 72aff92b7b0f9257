import { lanes } from '../queue/index.ts'
import { openQueue } from '../queue/open-queue.ts'
import { queueSettings } from '../queue/queue.settings.ts'
import type { Log } from '../src/contract/house.ts'
import type { GatehouseOptions } from '../src/core/gatehouse.ts'

interface Parts {
  readonly dataDir: string
  readonly nowMs: () => number
  readonly log: Log
  /** The section `[queue]`. */
  readonly queue?: unknown
}

/** What every house of a test has alike: the real lanes, no processes besides its own. */
export const houseParts = ({ queue = {}, ...parts }: Parts): Pick<GatehouseOptions, 'openQueue' | 'processes'> => ({
  openQueue: (given) => openQueue({ lanes, settings: queueSettings.parse(queue), ...parts, ...given }),
  processes: () => [],
})
