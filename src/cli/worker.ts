import { createHash } from 'node:crypto'
import { dirname } from 'node:path'
import { lanes } from '../../queue/index.ts'
import { policyOf } from '../../queue/lane-policy.ts'
import { startWorker } from '../../queue/pool/start-worker.ts'
import { setTaskSettings } from '../../queue/task-settings.ts'
import { socketPathOf } from '../../queue/wire/socket-path.ts'
import { Refusal } from '../config/refusal.ts'
import type { Lane } from '../contract/lane.ts'
import { createLogger } from '../core/logger.ts'
import { parent } from '../supervisor/parent.ts'
import type { ListenFlags } from './configure.ts'
import { configureWorker } from './configure-worker.ts'
import { untilSignal } from './until-signal.ts'
import { releaseYoungGeneration } from './young-generation.ts'

/** Flags of `gatehouse worker`. */
export interface WorkerFlags extends Pick<ListenFlags, 'config' | 'data' | 'logLevel'> {
  /** Lanes to serve. Default all. */
  readonly lanes?: readonly string[]
  /** Unique among the workers of a front. Default `worker-<pid>`. */
  readonly name?: string
}

/** How long jobs that run when the worker is told to stop may go on, in ms. */
const DRAIN_MS = 20_000
/** The same under a supervisor, which stops the front first: nobody is left to hand a verdict over to. */
const SUPERVISED_DRAIN_MS = 500

/** `gatehouse worker`: run jobs for the front of a data folder until a signal, or until the supervisor is gone. */
export async function worker(flags: WorkerFlags): Promise<void> {
  const config = configureWorker(flags)
  const logger = createLogger(config.logLevel)
  const supervisor = parent()
  releaseYoungGeneration()
  const stopped = untilSignal(supervisor)
  const name = flags.name ?? `worker-${process.pid}`
  const served = choose(flags.lanes)
  setTaskSettings({
    installation: createHash('sha256').update(config.dataDir).digest('hex').slice(0, 16),
    baseDir: config.file === undefined ? process.cwd() : dirname(config.file),
    function: config.backends,
    egress: config.egress,
  })
  const running = startWorker({
    lanes: served,
    taskFile: (lane) => new URL(`../../workers/${lane}.task${import.meta.url.slice(-3)}`, import.meta.url).href,
    socketPath: socketPathOf(config.dataDir),
    name,
    policies: Object.fromEntries(served.map((lane) => [lane.name, policyOf(lane, config.queue)])),
    log: logger.log.child({ worker: name }),
  })
  supervisor?.tell({ kind: 'ready' })
  const reason = await stopped
  logger.log.info({ worker: name, reason }, 'worker.stopping')
  await running.stop(supervisor ? SUPERVISED_DRAIN_MS : DRAIN_MS)
  await logger.flush()
  process.exit(0)
}

/** @throws Refusal for a lane that there is not */
function choose(names: readonly string[] | undefined): readonly Lane[] {
  if (names === undefined) return lanes
  return names.map((name) => {
    const lane = lanes.find((one) => one.name === name)
    if (lane) return lane
    throw new Refusal(`There is no lane ${name}. The lanes are: ${lanes.map((one) => one.name).join(', ')}.`)
  })
}
