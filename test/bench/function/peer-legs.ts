import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import type { Leg } from './leg.ts'
import { EXPRESSION, INPUT } from './workload.ts'

const PROCESS = `let text = ''
process.stdin.on('data', (chunk) => { text += chunk }).on('end', () => {
  const input = JSON.parse(text)
  process.stdout.write(JSON.stringify(${EXPRESSION}))
})`

/** A new Node process for each run. */
export const processLeg: Leg = {
  name: 'fresh Node process',
  runs: 5,
  warmUpRuns: 10,
  async run() {
    const child = spawn(process.execPath, ['-e', PROCESS], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(INPUT)
    return await text(child.stdout)
  },
  close: async () => {},
}

const THREAD = `const { parentPort, workerData } = require('node:worker_threads')
const input = JSON.parse(workerData)
parentPort.postMessage(JSON.stringify(${EXPRESSION}))`

/** A new worker thread for each run. */
export const threadLeg: Leg = {
  name: 'fresh worker thread',
  runs: 10,
  warmUpRuns: 20,
  async run() {
    const worker = new Worker(THREAD, { eval: true, workerData: INPUT })
    const [answer] = (await once(worker, 'message')) as [string]
    await worker.terminate()
    return answer
  },
  close: async () => {},
}

/** As much of isolated-vm as is used here. */
interface IsolatedVm {
  readonly Isolate: new (options: {
    memoryLimit: number
  }) => {
    createContext(): Promise<{ readonly global: { set(name: string, value: unknown): Promise<void> } }>
    compileScript(code: string): Promise<{ run(context: unknown, options: { timeout: number }): Promise<string> }>
    dispose(): void
  }
}

/** A new isolate for each run; undefined where the module is not in the folder `GATEHOUSE_BENCH_PEERS`. */
export function isolateLeg(): Leg | undefined {
  const ivm = loadIsolatedVm(process.env['GATEHOUSE_BENCH_PEERS'])
  if (!ivm) return undefined
  return {
    name: 'isolated-vm, fresh isolate',
    runs: 50,
    warmUpRuns: 2_000,
    async run() {
      const isolate = new ivm.Isolate({ memoryLimit: 32 })
      try {
        const context = await isolate.createContext()
        await context.global.set('text', INPUT)
        const script = await isolate.compileScript(`const input = JSON.parse(text); JSON.stringify(${EXPRESSION})`)
        return await script.run(context, { timeout: 1_000 })
      } finally {
        isolate.dispose()
      }
    },
    close: async () => {},
  }
}

function loadIsolatedVm(folder: string | undefined): IsolatedVm | undefined {
  if (!folder) return undefined
  try {
    return createRequire(join(folder, 'package.json'))('isolated-vm') as IsolatedVm
  } catch {
    return undefined
  }
}
