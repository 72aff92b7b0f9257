import { resolve } from 'node:path'
import { z } from 'zod'
import { type FunctionBackendSettings, functionBackendSettings } from '../../queue/function.settings.ts'
import { type QueueSettings, queueSettings } from '../../queue/queue.settings.ts'
import { type Config, loadConfig } from '../config/load.ts'
import { type EgressRules, egressSettings } from '../contract/egress.ts'
import type { ListenFlags } from './configure.ts'

/** What of the configuration a worker goes by. */
export interface WorkerConfig extends Config {
  readonly queue: QueueSettings
  /** What runs functions; the rest of the section `[function]` is the front's. */
  readonly backends: FunctionBackendSettings
  readonly egress: EgressRules
}

/**
 * Read what a worker has to know, and nothing else of the gateway: judging the other sections would load every module of the front and its
 * databases, 12 MB that no job needs. The front judges them.
 *
 * @throws Refusal
 */
export function configureWorker({
  config: file,
  data,
  logLevel,
}: Pick<ListenFlags, 'config' | 'data' | 'logLevel'>): WorkerConfig {
  const config = loadConfig({
    file,
    env: process.env,
    flags: {
      gatehouse: { ...(data !== undefined && { dataDir: resolve(data) }), ...(logLevel !== undefined && { logLevel }) },
    },
    schemas: { queue: queueSettings, function: z.object(functionBackendSettings.shape), egress: egressSettings },
    others: 'ignore',
  })
  const { queue, function: backends, egress } = config.sections
  return {
    ...config,
    queue: queue as QueueSettings,
    backends: backends as FunctionBackendSettings,
    egress: egress as EgressRules,
  }
}
