import { createLogger } from '../core/logger.ts'
import { configure, type ListenFlags } from './configure.ts'
import { keepLog } from './keep-log.ts'
import { lockData } from './lock-data.ts'
import { open } from './open.ts'
import { serve } from './serve.ts'
import { untilSignal } from './until-signal.ts'

/** `gatehouse start`: run until a signal. */
export async function start(flags: ListenFlags): Promise<void> {
  const config = configure(flags)
  const logger = createLogger(config.logLevel)
  const stopped = untilSignal()
  const unlock = lockData(config.dataDir)
  const gatehouse = await open(config, logger)
  keepLog(gatehouse, logger)
  try {
    const serving = await serve(gatehouse, config.http, logger)
    const signal = await stopped
    logger.log.info({ signal }, 'gatehouse.stopping')
    await serving.stop()
  } finally {
    await gatehouse.stop()
    unlock()
    logger.flush()
  }
  process.exit(0)
}
