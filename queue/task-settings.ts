import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads'
import { type EgressRules, egressSettings } from '../src/contract/egress.ts'
import { type FunctionBackendSettings, functionBackendSettings } from './function.settings.ts'

/** What a worker process tells the threads that run its tasks. */
export interface TaskSettings {
  /** The same for all workers on one data folder, and for nobody else. */
  readonly installation: string
  /** Folder that relative paths are meant from. */
  readonly baseDir: string
  readonly function: FunctionBackendSettings
  /** What tasks may reach. */
  readonly egress: EgressRules
}

const KEY = 'gatehouse.tasks'

/** Tell them; before the first thread is started, because threads get a copy when they start. */
export const setTaskSettings = (settings: TaskSettings): void => setEnvironmentData(KEY, settings as never)

/** What the thread was told; where nothing was, the defaults. */
export const taskSettings = (): TaskSettings =>
  (getEnvironmentData(KEY) as unknown as TaskSettings | undefined) ?? {
    installation: 'none',
    baseDir: process.cwd(),
    function: functionBackendSettings.parse({}),
    egress: egressSettings.parse({}),
  }
