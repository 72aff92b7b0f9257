import type { QueueSettings } from '../../queue/queue.settings.ts'
import { createLogger } from '../core/logger.ts'
import { parent } from '../supervisor/parent.ts'
import { configure, type FrontConfig, type ListenFlags } from './configure.ts'
import { keepLog } from './keep-log.ts'
import { takeOverData } from './lock-data.ts'
import { open } from './open.ts'
import { forgetOlderKeys } from './open-keys.ts'
import { serve } from './serve.ts'
import { untilSignal } from './until-signal.ts'

/** How long a stop may take besides visits in flight: for connections, upstreams, jobs and records, in ms. */
export const STOP_BESIDES_DRAIN_MS = 20_000
/** Without a supervisor nobody keeps the workers, and somebody may be starting anew: visits get this long at most, in ms. */
const ORPHAN_DRAIN_MS = 3_000

/** `gatehouse front`: the gateway itself, until a signal or the end of its supervisor. */
export async function front(flags: ListenFlags): Promise<void> {
  const supervisor = parent()
  const config = configure(flags)
  const logger = createLogger(config.logLevel)
  const stopped = untilSignal(supervisor)
  const unlock = await takeOverData(config.dataDir, supervisor?.pid)
  const gatehouse = await open(config, logger, () => supervisor?.processes() ?? [])
  supervisor?.tell(planOf(config))
  keepLog(gatehouse, logger)
  try {
    const serving = await serve(gatehouse, config.http, logger)
    forgetOlderKeys(config)
    // Where the system chose the port, clients keep theirs over a restart.
    supervisor?.tell({ kind: 'ready', again: ['--port', String(serving.port)] })
    const reason = await stopped
    logger.log.info({ reason }, 'gatehouse.stopping')
    await serving.stop(reason === 'orphaned' ? ORPHAN_DRAIN_MS : undefined)
  } finally {
    await gatehouse.stop()
    unlock()
    await logger.flush()
  }
  process.exit(0)
}

const planOf = ({ sections, http, logLevel }: FrontConfig) =>
  ({
    kind: 'plan',
    workers: (sections['queue'] as QueueSettings).workers,
    logLevel,
    stopMs: http.drainMs + STOP_BESIDES_DRAIN_MS,
  }) as const
