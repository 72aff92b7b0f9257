import { Worker } from 'node:worker_threads'
import type { CheckpointDone, CheckpointOrder } from './checkpoint.thread.ts'

/** How long the thread stays when nothing is to be done, in ms. */
const IDLE_MS = 30_000

/** Nothing is known of the log: whoever asked tries again. */
const UNDONE: CheckpointDone = { log: -1, checkpointed: -1 }

const THREAD = new URL(`./checkpoint.thread${import.meta.url.slice(-3)}`, import.meta.url)

/** One thread for the logs of all databases of this process; there only while there is work. */
class Checkpointer {
  #thread: Worker | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #open = 0
  #idle: NodeJS.Timeout | undefined

  /** Move what is in a log into its database, one after another. Never rejects. */
  run(order: CheckpointOrder): Promise<CheckpointDone> {
    this.#open += 1
    clearTimeout(this.#idle)
    // A thread that cannot be started leaves logs as they are; the monitor says so once they are too long.
    const done = this.#turn.then(() => this.#ask(order)).catch(() => UNDONE)
    this.#turn = done.then(() => this.#rest())
    return done
  }

  #ask(order: CheckpointOrder): Promise<CheckpointDone> {
    this.#thread ??= this.#start()
    const thread = this.#thread
    thread.ref()
    return new Promise((resolve) => {
      const over = (done: CheckpointDone): void => {
        thread.off('message', over).off('exit', lost)
        resolve(done)
      }
      const lost = (): void => over(UNDONE)
      thread.on('message', over).on('exit', lost)
      thread.postMessage(order)
    })
  }

  /** A thread that breaks, at work or between two orders, is replaced with the next order. */
  #start(): Worker {
    const thread = new Worker(THREAD)
    const forget = (): void => {
      if (this.#thread === thread) this.#thread = undefined
    }
    return thread.on('error', forget).on('exit', forget)
  }

  #rest(): void {
    this.#open -= 1
    if (this.#open > 0) return
    this.#thread?.unref()
    this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref()
  }

  #end(): void {
    void this.#thread?.terminate()
    this.#thread = undefined
  }
}

export const checkpointer: Checkpointer = new Checkpointer()
