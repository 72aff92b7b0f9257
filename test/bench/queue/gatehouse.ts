import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openQueue } from '../../../queue/open-queue.ts'
import { queueSettings } from '../../../queue/queue.settings.ts'
import type { Log } from '../../../src/contract/house.ts'
import { benchLane } from './bench-lane.ts'
import type { Contestant } from './contestant.ts'
import { PAYLOAD } from './contestant.ts'
import { DrainMeter } from './drain-meter.ts'

const WORKER = fileURLToPath(new URL('process/gatehouse-worker.ts', import.meta.url))
const LOOK_EVERY_MS = 1

/** Our lanes, with all features on. */
export async function openGatehouse(dir: string): Promise<Contestant> {
  const queue = await openQueue({
    lanes: [benchLane],
    settings: queueSettings.parse({}),
    dataDir: dir,
    nowMs: Date.now,
    log: silent,
    onChange: () => {},
  })
  queue.handle(benchLane, {})
  await queue.start()
  let stopWorker = async (): Promise<void> => {}
  const done = (): number => queue.lanes()[0]!.totals.done
  const startWorker = async (): Promise<void> => {
    const child = fork(WORKER, [`${dir}/queue.sock`])
    stopWorker = async () => {
      const exit = once(child, 'exit')
      child.kill('SIGKILL')
      await exit
    }
    while (queue.workers().length === 0) await pause()
  }
  return {
    add: async (token) => void (await queue.add(benchLane, PAYLOAD, { token: `token:${token}` })),
    // A signal each, as every visit has its own.
    run: async (token) =>
      void (await queue.run(benchLane, PAYLOAD, { token: `token:${token}`, signal: new AbortController().signal })),
    waiting: () => queue.lanes()[0]!.ready,
    async drain(jobs, spans) {
      const meter = new DrainMeter(jobs, spans)
      await startWorker()
      for (; done() < jobs; await pause()) meter.saw(done())
      meter.saw(jobs)
      return meter.rates()
    },
    async stop() {
      await stopWorker()
      await queue.stop(0)
    },
  }
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS))

const silent: Log = {
  debug() {},
  info() {},
  warn() {},
  error: (fields, event) => console.error(event, fields),
  child: () => silent,
}
