import { Worker } from 'node:worker_threads'
import type { CheckpointDone, CheckpointOrder } from './checkpoint.thread.ts'

/** How long the thread stays when nothing is to be done, in ms. */
const IDLE_MS = 30_000

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
    const done = this.#turn.then(() => this.#ask(order))
    this.#turn = done.then(() => this.#rest())
    return done
  }

  #ask(order: CheckpointOrder): Promise<CheckpointDone> {
    this.#thread ??= new Worker(THREAD)
    const thread = this.#thread
    thread.ref()
    return new Promise((resolve) => {
      const over = (done: CheckpointDone): void => {
        thread.off('message', over).off('error', lost).off('exit', lost)
        resolve(done)
      }
      // It ended: the next order starts another.
      const lost = (): void => {
        this.#thread = undefined
        over({ log: -1, checkpointed: -1 })
      }
      thread.on('message', over).on('error', lost).on('exit', lost)
      thread.postMessage(order)
    })
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
