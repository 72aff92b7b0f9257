import { Fault } from '../../src/contract/fault.ts'
import type { JobState } from '../../src/contract/queue.ts'
import type { Announcer } from './announcer.ts'
import type { LaneBoard } from './lane-board.ts'
import type { LaneIntake } from './lane-intake.ts'
import type { LanePump } from './lane-pump.ts'

interface ActParts {
  readonly board: LaneBoard
  readonly pump: LanePump
  readonly intake: LaneIntake
  readonly announcer: Announcer
  readonly onChange: () => void
}

/** What is done to single jobs. */
export class LaneActs {
  readonly #parts: ActParts
  readonly #underWay = new Set<Promise<void>>()

  constructor(parts: ActParts) {
    this.#parts = parts
  }

  /** @throws Fault `not_found`, `conflict` where it is over */
  async cancel(id: number, reason: string): Promise<void> {
    const { ledger } = this.#parts.board
    const job = await ledger.get(id)
    if (job === undefined) throw this.#unknown(id)
    if (isFinal(job.state)) throw new Fault('conflict', `Job ${id} is over already: it is ${job.state}.`)
    await this.#callOff(id, reason)
  }

  /** @throws Fault `not_found`, `conflict` for any other state than dead and cancelled */
  async retry(id: number): Promise<void> {
    const { board, pump } = this.#parts
    const was = await board.ledger.retry(id, board.clock.nowMs())
    this.#require(id, was, ['dead', 'cancelled'], 'tried again')
    pump.wake()
    this.#parts.onChange()
  }

  /** @throws Fault `not_found`, `conflict` for any other state than dead */
  async discard(id: number): Promise<void> {
    const { ledger, clock } = this.#parts.board
    this.#require(id, await ledger.discard(id, clock.nowMs()), ['dead'], 'dropped')
    this.#parts.onChange()
  }

  /** Nobody waits for it any more. */
  withdraw(id: number, reason: string): void {
    const { log, lane } = this.#parts.board
    this.#track(
      this.#callOff(id, reason).catch((err: unknown) => log.error({ err, lane: lane.name, job: id }, 'queue.withdraw_failed')),
    )
  }

  /** Resolves when all that nobody waits for is done. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  /** Tell those who wait how a job ended that was over before they came. */
  tellEnd(id: number): void {
    const { ledger, waiters, log, lane } = this.#parts.board
    const tell = async (): Promise<void> => {
      const job = await ledger.get(id)
      if (job?.state !== 'done' && job?.state !== 'cancelled' && job?.state !== 'dead') return
      waiters.end(id, { state: job.state, result: job.result, reason: job.reason, code: null })
    }
    const failed = (err: unknown): void => {
      log.error({ err, lane: lane.name, job: id }, 'queue.read_failed')
      waiters.fail(id, Fault.from(err))
    }
    this.#track(tell().catch(failed))
  }

  #track(work: Promise<void>): void {
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }

  async #callOff(id: number, reason: string): Promise<void> {
    const { board, intake, announcer } = this.#parts
    const { ledger, running, figures, clock } = board
    const state = await ledger.cancel(id, reason, clock.nowMs())
    const job = running.get(id)
    if (state === 'running' && job) intake.callOff(job, reason)
    if (state === 'cancelled') {
      const detail = await ledger.get(id)
      figures.cancelled += 1
      if (detail) announcer.announceStored(detail)
    }
    this.#parts.onChange()
  }

  #require(id: number, was: JobState | undefined, fitting: readonly JobState[], what: string): void {
    if (was === undefined) throw this.#unknown(id)
    if (fitting.includes(was)) return
    throw new Fault('conflict', `Job ${id} is ${was}; only ${fitting.join(' and ')} ones can be ${what}.`)
  }

  #unknown(id: number): Fault {
    return new Fault('not_found', `There is no job ${id} in the lane ${this.#parts.board.lane.name}.`)
  }
}

const isFinal = (state: JobState): boolean => state === 'done' || state === 'cancelled' || state === 'dead'
