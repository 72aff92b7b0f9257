import { startWorker } from '../../../../queue/pool/start-worker.ts'
import type { Log } from '../../../../src/contract/house.ts'
import { benchLane } from '../bench-lane.ts'

const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error: (fields, event) => console.error(event, fields),
  child: () => silent,
}

// A worker of the bench: node gatehouse-worker.ts <socket>; ends with whoever started it.
startWorker({
  lanes: [benchLane],
  taskFile: () => new URL('../bench.task.ts', import.meta.url).href,
  socketPath: process.argv[2] ?? '',
  name: 'worker-1',
  policies: {},
  log: silent,
})
process.once('disconnect', () => process.exit(0))
