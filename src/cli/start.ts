import { createLogger } from '../core/logger.ts'
import { createSupervisor, type Supervisor } from '../supervisor/supervisor.ts'
import type { ListenFlags } from './configure.ts'
import { mainProgram } from './main-program.ts'
import { workerSpecs } from './worker-spec.ts'

/**
 * `gatehouse start`: the front and its workers, kept running until a signal.
 *
 * This process reads no configuration. The front judges it, and says what else is to run.
 */
export async function start(flags: ListenFlags): Promise<void> {
  const logger = createLogger('info')
  const supervisor = createSupervisor({
    program: mainProgram,
    // The front is given the very words of the command line, `start` aside.
    children: [{ name: 'front', role: 'front', argv: ['front', ...process.argv.slice(3)] }],
    log: logger.log,
    nowMs: Date.now,
    onPlan({ workers, logLevel }) {
      logger.setLevel(logLevel)
      for (const spec of workerSpecs(workers, flags)) supervisor.add(spec)
    },
  })
  forwardSignals(supervisor)
  const { code, why } = await supervisor.over
  if (why !== undefined) process.stderr.write(`gatehouse: ${why}\n`)
  await logger.flush()
  process.exit(code)
}

/** The first one stops in order, the second at once. */
function forwardSignals(supervisor: Supervisor): void {
  let seen = false
  const onSignal = (): void => {
    if (seen) supervisor.kill()
    else supervisor.stop()
    seen = true
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}
