import { lanes } from '../../queue/index.ts'
import { openQueue } from '../../queue/open-queue.ts'
import type { QueueSettings } from '../../queue/queue.settings.ts'
import type { Config } from '../config/load.ts'
import type { ProcessState } from '../contract/process.ts'
import { type Gatehouse, openGatehouse } from '../core/gatehouse.ts'
import type { Logger } from '../core/logger.ts'
import { modules } from '../module/index.ts'
import { watchVitalSigns } from '../supervisor/vital-signs.ts'
import { openKeys } from './open-keys.ts'
import { processStates } from './process-states.ts'
import { version } from './version.ts'

/**
 * Open all stores under a configuration; no service runs and nothing listens yet.
 *
 * @param supervised what the supervisor told last of its processes
 * @throws Refusal for missing keys, TypeError for a store that is too new
 */
export async function open(
  config: Config,
  logger: Logger,
  supervised: () => readonly ProcessState[] = () => [],
): Promise<Gatehouse> {
  const vitalSigns = watchVitalSigns(Date.now)
  const gatehouse: Gatehouse = await openGatehouse({
    modules,
    dataDir: config.dataDir,
    settings: config.sections,
    keys: openKeys(config),
    nowMs: Date.now,
    log: logger.log,
    version,
    openQueue: (parts) =>
      openQueue({
        lanes,
        settings: config.sections['queue'] as QueueSettings,
        dataDir: config.dataDir,
        nowMs: Date.now,
        log: logger.log.child({ part: 'queue' }),
        ...parts,
      }),
    processes: () => processStates({ vitals: vitalSigns.read(), supervised: supervised(), workers: gatehouse.queue.workers() }),
  })
  return gatehouse
}
