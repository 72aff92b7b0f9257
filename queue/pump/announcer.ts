import type { JobDetail, LaneHandler, SettledJob } from '../../src/contract/queue.ts'
import type { JobEnd } from './job-end.ts'
import type { LaneBoard } from './lane-board.ts'

/** A job whose end is on disk. */
interface Ended {
  readonly id: number
  readonly token: string
  readonly attempt: number
  readonly level: number
  /** JSON text; undefined where only the ledger has it. */
  readonly payload: string | undefined
  readonly startedAt: number | null
  readonly endedAt: number
}

/** Jobs looked at together at the start. */
const PAGE = 200

/** Tells the lane's handler how jobs ended, and then whoever waits. What the handler keeps of it is waited for by the ledger alone. */
export class Announcer {
  readonly #board: LaneBoard
  readonly #telling = new Set<Promise<void>>()
  #announced: number[] = []

  constructor(board: LaneBoard) {
    this.#board = board
  }

  /** Whether there are announcements that the ledger was not told of. */
  get isBehind(): boolean {
    return this.#announced.length > 0
  }

  /** Announcements to write down, with the next commit. */
  take(): readonly number[] {
    const announced = this.#announced
    if (announced.length > 0) this.#announced = []
    return announced
  }

  /** They could not be written down. */
  putBack(announced: readonly number[]): void {
    this.#announced = this.#announced.concat(announced)
  }

  announce(job: Ended, end: JobEnd): void {
    const { handler, waiters } = this.#board
    if (handler?.settled === undefined) {
      this.#announced.push(job.id)
      waiters.end(job.id, end)
      return
    }
    const told = this.#tell(handler as Settling, job, end)
    this.#telling.add(told)
    void told.finally(() => this.#telling.delete(told))
  }

  /** A job that ended without running: it was called off while it waited. */
  announceStored(detail: JobDetail): void {
    const { state, result, reason } = detail
    if (state !== 'done' && state !== 'cancelled' && state !== 'dead') return
    this.announce({ ...detail, endedAt: detail.endedAt ?? 0 }, { state, result, reason, code: null })
  }

  /** What an earlier front did not come to. */
  async catchUp(): Promise<void> {
    for (;;) {
      const jobs = await this.#board.ledger.unannounced(PAGE)
      for (const job of jobs) this.announceStored(job)
      await this.idle()
      const announced = this.take()
      await this.#board.ledger.announced(announced)
      // Those whose handler failed are tried again at the next start.
      if (jobs.length < PAGE || announced.length === 0) return
    }
  }

  /** Resolves when all handlers have been told. */
  async idle(): Promise<void> {
    while (this.#telling.size > 0) await Promise.all(this.#telling)
  }

  /** Until the handler has kept it, the ledger holds the end as one that was not announced, and tells it again after a crash. */
  async #tell(handler: Settling, job: Ended, end: JobEnd): Promise<void> {
    const { lane, log, waiters } = this.#board
    try {
      const payload = job.payload ?? (await this.#board.ledger.get(job.id))?.payload ?? 'null'
      const kept = handler.settled(settledJob(lane.name, job, payload, end))
      waiters.end(job.id, end)
      await kept
      this.#announced.push(job.id)
    } catch (err) {
      log.error({ err, lane: lane.name, job: job.id }, 'queue.handler_failed')
      waiters.end(job.id, end)
    }
  }
}

/** Its texts are parsed when they are looked at: whoever waits for the job is not to wait for that too. */
function settledJob(lane: string, job: Ended, payload: string, { state, result, reason }: JobEnd): SettledJob {
  const { id, token, attempt, level, startedAt, endedAt } = job
  return {
    ...{ id, lane, token, attempt, level, state, reason, startedAt, endedAt },
    get payload() {
      return JSON.parse(payload)
    },
    get result() {
      return result === null ? undefined : JSON.parse(result)
    },
  }
}

type Settling = LaneHandler & Required<Pick<LaneHandler, 'settled'>>
