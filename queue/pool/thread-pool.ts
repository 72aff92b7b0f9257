import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import type { Lane, LanePolicy } from '../../src/contract/lane.ts'
import { NumberMap } from '../../src/core/churn/number-map.ts'
import type { AttemptEnd, AttemptOrder, Ended, Ends, Opened, ThreadData } from './attempt.ts'
import { KillSwitch } from './kill-switch.ts'

/** How long a thread that is not needed stays, in ms; one stays for good. */
const IDLE_MS = 30_000

/** JavaScript heap of a thread, in MB. What a sandbox holds in WebAssembly is limited by the sandbox. */
const HEAP_MB = 256

/** Memory of a thread for new objects, in MB. V8 takes three times as much by itself, and gives none of it back while it is busy. */
const YOUNG_MB = 16

/** Attempts that one message brings to a shared thread, at most: while it runs them, the front is told of those before. */
const MAX_TOGETHER = 64

const THREAD = fileURLToPath(new URL(`./thread${import.meta.url.slice(-3)}`, import.meta.url))

/** One attempt, as the pool needs to know it. */
export interface Threaded {
  readonly order: AttemptOrder
  /** It is over. */
  ended(end: AttemptEnd): void
  /** Its thread was ended, or broke. */
  broke(thrown: unknown): void
  /** Ends the thread that runs it, and with it whatever else runs in there; set when it is started. */
  thread?: { kill(): void }
}

/** What a pool tells besides how attempts end. */
interface Listener {
  onError(error: unknown): void
  /** An attempt talks. Only in lanes that do. */
  onOpened(opened: Opened): void
}

/**
 * The threads of one lane.
 *
 * Where a thread runs one task at a time, killing a task hurts no other. Where it runs several, what comes together is given to it
 * together, and comes back as it is done: a message for each would cost more than a small task.
 */
export class ThreadPool {
  readonly #piscina: Piscina
  readonly #isShared: boolean
  /** Attempts in shared threads. */
  readonly #open = new NumberMap<Threaded>()
  /** Which thread was given which attempts. */
  readonly #threadOf = new WeakMap<object, number>()

  constructor(lane: Lane, { threads, concurrency }: LanePolicy, data: ThreadData, { onError, onOpened }: Listener) {
    this.#isShared = concurrency > 1
    this.#piscina = new Piscina({
      filename: THREAD,
      name: this.#isShared ? 'runTogether' : 'runAttempt',
      minThreads: 1,
      maxThreads: threads * lane.levels,
      concurrentTasksPerWorker: concurrency,
      idleTimeout: IDLE_MS,
      maxQueue: Number.POSITIVE_INFINITY,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
      workerData: data,
      // Tasks that share a thread and talk keep sockets and timers between them; by default a thread that waits for work is blocked, and hears neither.
      ...(this.#isShared && lane.talks && { atomics: 'disabled' }),
      ...(this.#isShared && { loadBalancer: (task, workers) => this.#choose(task as object as Keyed, workers) }),
    })
    this.#piscina.on('error', onError)
    this.#piscina.on('message', (said: Ends | Opened) => ('ends' in said ? this.#deliver(said.ends) : onOpened(said)))
  }

  get size(): number {
    return this.#piscina.threads.length
  }

  /** Begin attempts that came together. */
  start(attempts: readonly Threaded[]): void {
    if (!this.#isShared) {
      for (const attempt of attempts) this.#startAlone(attempt)
      return
    }
    const share = Math.min(MAX_TOGETHER, Math.ceil(attempts.length / this.#piscina.maxThreads))
    for (let from = 0; from < attempts.length; from += share) this.#startTogether(attempts.slice(from, from + share))
  }

  async close(): Promise<void> {
    await this.#piscina.destroy()
  }

  #startAlone(attempt: Threaded): void {
    const signal = new KillSwitch()
    attempt.thread = signal
    this.#piscina.run(attempt.order, { signal }).then(attempt.ended, attempt.broke)
  }

  #startTogether(attempts: readonly Threaded[]): void {
    const key = new SharedThread(this.#kill)
    for (const attempt of attempts) {
      this.#open.set(attempt.order.id, attempt)
      attempt.thread = key
    }
    const orders = attempts.map(({ order }) => order)
    this.#piscina.run({ orders, [Piscina.queueOptionsSymbol]: key }).then(
      (ends: readonly Ended[]) => this.#deliver(ends),
      (thrown: unknown) => this.#broke(attempts, thrown),
    )
  }

  #deliver(ends: readonly Ended[]): void {
    for (const [id, attempt, end] of ends) {
      const one = this.#open.get(id)
      if (one?.order.attempt !== attempt) continue
      this.#open.delete(id)
      one.ended(end)
    }
  }

  #broke(attempts: readonly Threaded[], thrown: unknown): void {
    for (const one of attempts) {
      if (this.#open.get(one.order.id) !== one) continue
      this.#open.delete(one.order.id)
      one.broke(thrown)
    }
  }

  /** The least busy thread; remembers it, because piscina ends threads only where they run one task. */
  #choose<W extends Busy>(task: Keyed, workers: readonly W[]): W | null {
    let chosen: W | null = null
    for (const worker of workers) if (chosen === null || worker.currentUsage < chosen.currentUsage) chosen = worker
    const key = task[Piscina.queueOptionsSymbol]
    if (chosen !== null && key) this.#threadOf.set(key, chosen.id)
    return chosen
  }

  readonly #kill = (key: object): void => {
    const id = this.#threadOf.get(key)
    // Piscina sees it end and fails what ran in it.
    void this.#piscina.threads.find(({ threadId }) => threadId === id)?.terminate()
  }
}

/**
 * The thread that some attempts were given to.
 *
 * Not a closure: that would hold on to all attempts that came together for as long as one of them is held, and make them survive the quick
 * collections (see NumberMap).
 */
class SharedThread {
  readonly #kill: (key: object) => void

  constructor(kill: (key: object) => void) {
    this.#kill = kill
  }

  kill(): void {
    this.#kill(this)
  }
}

interface Keyed {
  readonly [Piscina.queueOptionsSymbol]?: object | null
}

interface Busy {
  readonly id: number
  readonly currentUsage: number
}
