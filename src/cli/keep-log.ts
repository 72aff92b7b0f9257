import type { Gatehouse } from '../core/gatehouse.ts'
import type { Logger } from '../core/logger.ts'
import type { LogStore } from '../module/log/log.store.ts'
import { logSink } from '../module/log/log-sink.ts'

/** Have the server log kept by the log module as well, from now on. */
export const keepLog = (gatehouse: Gatehouse, logger: Logger): void => logger.addSink(logSink(gatehouse.store<LogStore>('log')))
