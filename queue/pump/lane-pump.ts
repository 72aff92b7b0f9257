import type { FaultCode } from '../../src/contract/fault.ts'
import type { Verdict } from '../../src/contract/lane.ts'
import { judge } from '../judge.ts'
import type { Added, LeasedJob, NewJob, Settlement } from '../ledger/ledger.ts'
import { partForFrames } from '../wire/texts.ts'
import { Acks } from './acks.ts'
import type { Announcer } from './announcer.ts'
import type { LaneBoard } from './lane-board.ts'
import { leave, type Running } from './running-job.ts'
import { isOpen, type Seat } from './seat.ts'
import { TurnLine } from './turn-line.ts'

/**
 * Jobs that one commit takes in, attempts that it ends, and jobs that it gives to a worker, each at most: one or two ms.
 *
 * What ended together would else be given out together and end together again: front and worker would wait for each other.
 */
const SLICE = 128

/** The same where one token's jobs stand in the way of another's: a third of a ms, because the other waits for three commits at least. */
const SMALL_SLICE = 16

/** How long commits stay small after that was seen, in ms: the other's next job comes when its last one is done. */
const CONTESTED_MS = 100

/**
 * How long a commit waits meanwhile, in ms, unless a worker answers before.
 *
 * A front that never rests keeps what it has just woken waiting for its core, for some ms: that was most of what the slowest jobs took.
 */
const PAUSE_MS = 1

/** A job on its way in, and who wants to know. */
export interface Arrival {
  readonly job: NewJob
  accepted(added: Added): void
  refused(thrown: unknown): void
}

/** The end of an attempt. */
export interface Ending {
  readonly running: Running
  readonly verdict: Verdict
  /** JSON text of a `done` verdict. */
  readonly result: string | null
  /** For whoever waits. */
  readonly code: FaultCode | null
  readonly isLost: boolean
  readonly startedAt: number
  readonly endedAt: number
}

interface Settling {
  readonly ending: Ending
  readonly settlement: Settlement
}

/** Moves a lane's jobs between ledger and workers. All that comes in one turn of the event loop goes to disk in one transaction. */
export class LanePump {
  readonly #board: LaneBoard
  readonly #announcer: Announcer
  readonly #onChange: () => void
  readonly #arrivals = new TurnLine<Arrival>(({ job }) => job.token)
  readonly #settling = new TurnLine<Settling>(({ ending }) => ending.running.token)
  readonly #acks: Acks
  #isScheduled = false
  #isLate = false
  #committing: Promise<void> | undefined
  #pausing: NodeJS.Timeout | undefined
  #contestedUntil = Number.NEGATIVE_INFINITY
  /** No job is given to workers. */
  isHeld = true

  constructor(board: LaneBoard, announcer: Announcer, onChange: () => void) {
    this.#board = board
    this.#announcer = announcer
    this.#onChange = onChange
    this.#acks = new Acks(board.lane.name)
  }

  add(arrival: Arrival): void {
    this.#arrivals.add(arrival)
    this.wake()
  }

  /** An attempt is over. Its place is free at once; that it is over counts from the next commit on. */
  end(ending: Ending): void {
    const { running } = ending
    running.isEnding = true
    if (running.seat) running.seat.free[running.level]! += 1
    this.#settling.add(this.#judge(ending))
    this.#resume()
  }

  /** Something may be possible that was not: a place is free, a job is due. */
  wake(): void {
    if (this.#isScheduled || this.#pausing) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      // What comes while one commit is under way goes into the next.
      if (this.#committing) this.#isLate = true
      else this.#committing = this.#commitOnce()
    })
  }

  #resume(): void {
    clearTimeout(this.#pausing)
    this.#pausing = undefined
    this.wake()
  }

  /** Whether something waits to be tried again. */
  get isBehind(): boolean {
    return this.#settling.size > 0
  }

  /** Resolves when all that came is on disk or was refused. */
  async flushed(): Promise<void> {
    let behind: number
    do {
      await this.#committing
      behind = this.#settling.size
      this.#committing = this.#commitOnce()
      await this.#committing
      // A disk that refuses leaves as much as there was.
    } while (this.#arrivals.size > 0 || (this.#settling.size > 0 && this.#settling.size < behind))
    this.#acks.flush()
  }

  async #commitOnce(): Promise<void> {
    try {
      await this.#commit()
    } catch (err) {
      this.#board.log.error({ err, lane: this.#board.lane.name }, 'queue.pump_broke')
    }
    this.#committing = undefined
    if (this.#isLate || this.#arrivals.size > 0) this.wake()
    this.#isLate = false
  }

  async #commit(): Promise<void> {
    const { ledger, clock, policy } = this.#board
    const seats = this.#openSeats()
    const announced = this.#announcer.take()
    const most = this.#sliceNow()
    const settling = this.#settling.take(most)
    const arrivals = this.#arrivals.take(most)
    if (arrivals.length + settling.length + announced.length === 0 && (seats.length === 0 || !this.#isSomethingReady())) return
    const nowMs = clock.nowMs()
    const leaseUntil = nowMs + policy.leaseMs
    const batch = {
      nowMs,
      add: arrivals.map(({ job }) => job),
      settle: settling.map(({ settlement }) => settlement),
      announced,
      claim: seats.map(({ worker, free }) => ({
        worker: worker.name,
        free: free.map((places) => Math.min(places, most)),
        leaseUntil,
      })),
    }
    const committed = await ledger.commit(batch).catch((thrown: unknown) => this.#failed(arrivals, settling, announced, thrown))
    if (committed === undefined) return
    for (const [index, added] of committed.added.entries()) arrivals[index]!.accepted(added)
    for (const [index, jobs] of committed.claimed.entries()) {
      this.#give(seats[index]!, jobs, nowMs, leaseUntil)
      if (jobs.length >= most) this.#isLate = true
      if (jobs.length > 0 && most === SMALL_SLICE) this.#pausing ??= setTimeout(() => this.#resume(), PAUSE_MS)
    }
    this.#settled(settling, committed.settled)
    if (this.#settling.size > 0) this.#isLate = true
    this.#onChange()
  }

  #sliceNow(): number {
    const steadyMs = this.#board.clock.steadyMs()
    for (const line of [this.#arrivals, this.#settling]) {
      // Not where many bring one each.
      if (line.tokens > 1 && line.size - line.tokens > SMALL_SLICE) this.#contestedUntil = steadyMs + CONTESTED_MS
    }
    return steadyMs < this.#contestedUntil ? SMALL_SLICE : SLICE
  }

  #isSomethingReady(): boolean {
    const { ledger, clock } = this.#board
    return ledger.hasReady() || (ledger.nextDueAt() ?? Number.POSITIVE_INFINITY) <= clock.nowMs()
  }

  #openSeats(): Seat[] {
    const { ledger, seats, clock } = this.#board
    if (this.isHeld || ledger.isPaused()) return []
    const steadyMs = clock.steadyMs()
    return [...seats].filter((seat) => isOpen(seat, steadyMs))
  }

  /** Nothing was changed on disk: what is new is refused, what ended is kept for the next try, by the workers as well. */
  #failed(arrivals: readonly Arrival[], settling: Settling[], announced: readonly number[], thrown: unknown): undefined {
    this.#board.log.error({ err: thrown, lane: this.#board.lane.name }, 'queue.commit_failed')
    for (const one of settling) this.#settling.add(one)
    this.#announcer.putBack(announced)
    for (const arrival of arrivals) arrival.refused(thrown)
  }

  #give(seat: Seat, jobs: readonly LeasedJob[], nowMs: number, leaseUntil: number): void {
    if (jobs.length === 0) return
    const { lane, policy, running, waiters, figures, clock } = this.#board
    const steadyMs = clock.steadyMs()
    for (const job of jobs) {
      running.set(job.id, runningOf(job, seat, { nowMs, leaseUntil, steadyMs }))
      seat.free[job.level]! -= 1
      waiters.hasTurn(job.id)
      figures.wait.add(nowMs - job.readyAt, steadyMs)
    }
    for (const part of partForFrames(jobs, ({ payload }) => payload.length)) {
      seat.worker.connection.send(...jobsFrame(lane.name, part, policy.timeoutMs))
    }
    this.#acks.flush(seat)
    // Before those are told whose jobs came in or are over: they bring the next.
    seat.worker.connection.flush()
  }

  #settled(settling: readonly Settling[], results: readonly boolean[]): void {
    const { running } = this.#board
    for (const [index, one] of settling.entries()) {
      const { running: job, isLost } = one.ending
      if (job.seat && !isLost) this.#acks.add(job.seat, job)
      if (running.get(job.id) === job) running.delete(job.id)
      leave(job)
      if (results[index]) this.#conclude(one)
    }
  }

  #conclude({ ending: { running, code, isLost, startedAt, endedAt }, settlement }: Settling): void {
    const { figures, clock } = this.#board
    const { patch, result } = settlement
    if (isLost) figures.lost += 1
    else figures.run.add(endedAt - startedAt, clock.steadyMs())
    if (patch.state === 'scheduled') {
      if (settlement.verdict !== 'snooze') figures.retried += 1
      return
    }
    figures[patch.state] += 1
    const end = { state: patch.state, result, reason: patch.reason, code }
    this.#announcer.announce({ ...running, startedAt, endedAt }, end)
  }

  #judge(given: Ending): Settling {
    const { policy, clock, random } = this.#board
    const ending = given.running.calledOff === undefined ? given : obey(given, given.running.calledOff)
    const { running, verdict, result, isLost, startedAt, endedAt } = ending
    const patch = judge(running, verdict, policy, clock.nowMs(), random())
    const { id, attempt } = running
    return { ending, settlement: { id, attempt, patch, verdict: isLost ? 'lost' : verdict.kind, result, startedAt, endedAt } }
  }
}

/** What was called off is not tried again; what is done is done. */
const obey = (ending: Ending, reason: string): Ending =>
  ending.verdict.kind === 'done' ? ending : { ...ending, verdict: { kind: 'cancel', reason }, code: 'cancelled' }

interface Moment {
  readonly nowMs: number
  readonly leaseUntil: number
  readonly steadyMs: number
}

const runningOf = (job: LeasedJob, seat: Seat, { nowMs, leaseUntil, steadyMs }: Moment): Running => ({
  id: job.id,
  attempt: job.attempt,
  level: job.level,
  token: job.token,
  maxAttempts: job.maxAttempts,
  workerName: seat.worker.name,
  startedAt: nowMs,
  seat,
  leaseUntil,
  heardAt: steadyMs,
  payload: job.payload,
  calledOff: undefined,
  isEnding: false,
  asking: undefined,
})

function jobsFrame(lane: string, jobs: readonly LeasedJob[], defaultTimeoutMs: number): [header: object, body: string] {
  const ids: number[] = []
  const attempts: number[] = []
  const levels: number[] = []
  const timeoutsMs: number[] = []
  const sizes: number[] = []
  let body = ''
  for (const { id, attempt, level, timeoutMs, payload } of jobs) {
    ids.push(id)
    attempts.push(attempt)
    levels.push(level)
    timeoutsMs.push(timeoutMs ?? defaultTimeoutMs)
    sizes.push(payload.length)
    body += payload
  }
  return [{ t: 'jobs', lane, ids, attempts, levels, timeoutsMs, sizes }, body]
}
