import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { Lane, LanePolicy } from '../../src/contract/lane.ts'
import type { AttemptEnd, AttemptOrder, ThreadData } from './attempt.ts'
import { KillSwitch } from './kill-switch.ts'

/** How long a thread that is not needed stays, in ms; one stays for good. */
const IDLE_MS = 30_000

/** JavaScript heap of a thread, in MB. What a sandbox holds in WebAssembly is limited by the sandbox. */
const HEAP_MB = 256

const THREAD = fileURLToPath(new URL(`./thread${import.meta.url.slice(-3)}`, import.meta.url))

/** One attempt in a thread. */
export interface Threaded {
  /** Rejects where the thread was ended or broke. */
  readonly end: Promise<AttemptEnd>
  /** End the thread; others that run in it end with it. */
  kill(): void
}

/** The threads of one lane. Where a thread runs one task at a time, killing a task hurts no other. */
export class ThreadPool {
  readonly #piscina: Piscina
  readonly #isShared: boolean
  /** Where threads run several tasks: which thread was given which. */
  readonly #threadOf = new WeakMap<object, number>()

  constructor(lane: Lane, { threads, concurrency }: LanePolicy, data: ThreadData, onError: (error: unknown) => void) {
    this.#isShared = concurrency > 1
    this.#piscina = new Piscina({
      filename: THREAD,
      name: 'runAttempt',
      minThreads: 1,
      maxThreads: threads * lane.levels,
      concurrentTasksPerWorker: concurrency,
      idleTimeout: IDLE_MS,
      maxQueue: Number.POSITIVE_INFINITY,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
      workerData: data,
      ...(this.#isShared && { loadBalancer: (task, workers) => this.#choose(task as object as Keyed, workers, concurrency) }),
    })
    this.#piscina.on('error', onError)
  }

  get size(): number {
    return this.#piscina.threads.length
  }

  run(order: AttemptOrder): Threaded {
    const transferList = order.port === undefined ? [] : [order.port]
    if (this.#isShared) {
      const key = {}
      const end = this.#piscina.run({ ...order, [Piscina.queueOptionsSymbol]: key }, { transferList })
      return { end, kill: () => this.#killThread(key) }
    }
    const signal = new KillSwitch()
    return { end: this.#piscina.run(order, { transferList, signal }), kill: () => signal.kill() }
  }

  async close(): Promise<void> {
    await this.#piscina.destroy()
  }

  /** The least busy thread; remembers it, because piscina ends threads only where they run one task. */
  #choose<W extends Busy>(task: Keyed, workers: readonly W[], most: number): W | null {
    let chosen: W | null = null
    let least = most
    for (const worker of workers) {
      const usage = worker.currentUsage
      if (usage >= least) continue
      chosen = worker
      least = usage
    }
    const key = task[Piscina.queueOptionsSymbol]
    if (chosen !== null && key) this.#threadOf.set(key, chosen.id)
    return chosen
  }

  #killThread(key: object): void {
    const id = this.#threadOf.get(key)
    // Piscina sees it end and fails what ran in it.
    void this.#piscina.threads.find(({ threadId }) => threadId === id)?.terminate()
  }
}

interface Keyed {
  readonly [Piscina.queueOptionsSymbol]?: object | null
}

interface Busy {
  readonly id: number
  readonly currentUsage: number
}
