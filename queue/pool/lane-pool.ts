import { BroadcastChannel, type MessagePort } from 'node:worker_threads'
import { FAULTS } from '../../src/contract/fault.ts'
import type { Log } from '../../src/contract/house.ts'
import type { Lane, LanePolicy } from '../../src/contract/lane.ts'
import { NumberMap } from '../../src/core/churn/number-map.ts'
import type { Told } from '../wire/from-front.ts'
import { cutTexts } from '../wire/texts.ts'
import type { AttemptEnd, NoResult, Opened, StopOrder } from './attempt.ts'
import { Deadlines } from './deadlines.ts'
import { LaneOutbox } from './lane-outbox.ts'
import type { Link } from './link.ts'
import { TaskLine, type TaskLines } from './task-line.ts'
import { type Threaded, ThreadPool } from './thread-pool.ts'
import { Utilisation } from './utilisation.ts'

/** How long a task that was told to stop has before its thread is ended, in ms: alone in its thread, and with others beside it. */
const ALONE_GRACE_MS = 100
const SHARED_GRACE_MS = 2_000

interface Running extends Threaded {
  readonly id: number
  readonly attempt: number
  readonly startedAt: number
  readonly begunAt: number
  /** When its thread is ended, by the steady clock. */
  dueAt: number
  /** What it ends with if its thread has to be ended. */
  ending: NoResult
  line?: TaskLine
}

interface LanePoolOptions {
  readonly lane: Lane
  readonly policy: LanePolicy
  readonly taskUrl: string
  readonly link: () => Link
  readonly lines: TaskLines
  readonly log: Log
}

let pools = 0

/** A lane's side of a worker: runs what it is sent, and keeps what came of it until the front has it on disk. */
export class LanePool {
  readonly lane: Lane
  /** Jobs that it takes at once, by level. */
  readonly places: readonly number[]
  readonly outbox: LaneOutbox
  readonly utilisation: Utilisation
  readonly #policy: LanePolicy
  readonly #lines: TaskLines
  readonly #threads: ThreadPool
  readonly #control: BroadcastChannel
  readonly #running = new NumberMap<Running>()
  readonly #deadlines = new Deadlines<Running>(
    () => this.#running.values(),
    (one) => this.#kill(one),
  )
  readonly #graceMs: number
  #onIdle: (() => void) | undefined

  constructor({ lane, policy, taskUrl, link, lines, log }: LanePoolOptions) {
    const { threads, concurrency } = policy
    const control = `gatehouse-${process.pid}-${++pools}`
    this.lane = lane
    this.places = new Array<number>(lane.levels).fill(threads * concurrency)
    this.outbox = new LaneOutbox(lane.name, link)
    this.utilisation = new Utilisation(threads * concurrency * lane.levels)
    this.#policy = policy
    this.#lines = lines
    this.#graceMs = concurrency > 1 ? SHARED_GRACE_MS : ALONE_GRACE_MS
    this.#control = new BroadcastChannel(control)
    this.#control.unref()
    this.#threads = new ThreadPool(
      lane,
      policy,
      { taskUrl, control, talks: lane.talks },
      {
        onError: (err) => log.error({ err, lane: lane.name }, 'worker.thread'),
        onOpened: (opened) => this.#opened(opened),
      },
    )
  }

  /** Threads that stand. */
  get threads(): number {
    return this.#threads.size
  }

  /** What runs, or is over and not acknowledged. */
  held(): { readonly ids: number[]; readonly attempts: number[] } {
    const kept = [...this.#running.values(), ...this.outbox.kept()]
    return { ids: kept.map(({ id }) => id), attempts: kept.map(({ attempt }) => attempt) }
  }

  take(message: Told<'jobs'>, body: string): void {
    const payloads = cutTexts(body, message.sizes)
    const begun: Running[] = []
    for (let row = 0; row < payloads.length; row++) {
      const [id, attempt] = [message.ids[row]!, message.attempts[row]!]
      if (this.#running.get(id)?.attempt === attempt) continue
      begun.push(this.#begin(id, attempt, message.timeoutsMs[row]!, payloads[row]!))
    }
    this.#threads.start(begun)
  }

  /** Tell attempts to stop; their threads are ended shortly after if they do not. */
  cancel({ ids, attempts, reasons }: Told<'cancel'>): void {
    for (let row = 0; row < ids.length; row++) {
      const one = this.#running.get(ids[row]!)
      if (one && one.attempt === attempts[row]) this.#stop(one, reasons[row]!)
    }
  }

  /** Resolves when nothing runs. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#running.size === 0) resolve()
      else this.#onIdle = resolve
    })
  }

  async close(): Promise<void> {
    this.#deadlines.close()
    this.#control.close()
    await this.#threads.close()
  }

  #begin(id: number, attempt: number, timeoutMs: number, payload: string): Running {
    const startedAt = Date.now()
    const begunAt = performance.now()
    const { maxResultBytes } = this.#policy
    const order = { id, attempt, deadline: startedAt + timeoutMs, maxResultBytes, payload }
    const one: Running = {
      id,
      attempt,
      startedAt,
      begunAt,
      dueAt: begunAt + timeoutMs + this.#graceMs,
      ending: { kind: 'retry', code: 'timeout', reason: `The attempt took longer than ${timeoutMs} ms.` },
      order,
      ended: (end) => this.#over(one, end),
      broke: (thrown) => this.#over(one, one.dueAt === 0 ? one.ending : broken(thrown)),
    }
    this.#running.set(id, one)
    this.utilisation.change(1)
    this.#deadlines.watch(one)
    return one
  }

  /** A task has something to say. */
  #opened({ opened: { id, attempt }, port }: Opened): void {
    const one = this.#running.get(id)
    // It was ended in the meantime, with its thread.
    if (one?.attempt === attempt) one.line = this.#lineFor(one, port)
    else port.close()
  }

  #lineFor(one: Running, port: MessagePort): TaskLine {
    const { id, attempt } = one
    const onFlood = (): void => this.#stop(one, 'It reported faster than anybody could read.')
    return new TaskLine({ port, lines: this.#lines, outbox: this.outbox, lane: this.lane.name, id, attempt, onFlood })
  }

  #over(one: Running, end: AttemptEnd): void {
    one.line?.close()
    if (this.#running.get(one.id) === one) this.#running.delete(one.id)
    this.utilisation.change(-1)
    const { id, attempt, startedAt } = one
    const tookMs = Math.round(performance.now() - one.begunAt)
    this.outbox.verdict({ id, attempt, startedAt, tookMs, end: typeof end === 'string' ? end : presentable(end) })
    if (this.#running.size === 0) this.#onIdle?.()
  }

  #stop(one: Running, reason: string): void {
    const { id, attempt } = one
    one.ending = { kind: 'cancel', code: 'cancelled', reason }
    one.dueAt = Math.min(one.dueAt, performance.now() + this.#graceMs)
    this.#control.postMessage({ id, attempt, reason } satisfies StopOrder)
    this.#deadlines.watch(one)
  }

  /** From here on its end is known, whatever the thread says. */
  #kill(one: Running): void {
    one.dueAt = 0
    one.thread?.kill()
  }
}

const broken = (thrown: unknown): NoResult => ({
  kind: 'retry',
  code: 'internal',
  reason: `The thread that ran it ended: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
})

/** What a task wrote may be longer or stranger than the protocol takes. */
function presentable(end: NoResult): NoResult {
  if (end.kind === 'snooze') return end
  const { code, ...rest } = end
  const reason = String(end.reason).slice(0, 1_000)
  return { ...rest, reason, ...(code !== undefined && Object.hasOwn(FAULTS, code) && { code }) } as NoResult
}
