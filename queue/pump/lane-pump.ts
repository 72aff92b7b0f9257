import type { FaultCode } from '../../src/contract/fault.ts'
import type { Verdict } from '../../src/contract/lane.ts'
import { judge } from '../judge.ts'
import type { Added, LeasedJob, NewJob, Settlement } from '../ledger/ledger.ts'
import { partForFrames } from '../wire/texts.ts'
import type { Announcer } from './announcer.ts'
import type { LaneBoard } from './lane-board.ts'
import { leave, type Running } from './running-job.ts'
import { isOpen, type Seat } from './seat.ts'

/** Jobs that one commit takes in, at most: some ms, after which others have their turn. */
const MAX_ARRIVALS = 256

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
  #arrivals: Arrival[] = []
  #settling: Settling[] = []
  #isScheduled = false
  #isLate = false
  #committing: Promise<void> | undefined
  /** No job is given to workers. */
  isHeld = true

  constructor(board: LaneBoard, announcer: Announcer, onChange: () => void) {
    this.#board = board
    this.#announcer = announcer
    this.#onChange = onChange
  }

  add(arrival: Arrival): void {
    this.#arrivals.push(arrival)
    this.wake()
  }

  /** An attempt is over. Its place is free at once; that it is over counts from the next commit on. */
  end(ending: Ending): void {
    const { running } = ending
    running.isEnding = true
    if (running.seat) running.seat.free[running.level]! += 1
    this.#settling.push(this.#judge(ending))
    this.wake()
  }

  /** Something may be possible that was not: a place is free, a job is due. */
  wake(): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(() => {
      this.#isScheduled = false
      // What comes while one commit is under way goes into the next.
      if (this.#committing) this.#isLate = true
      else this.#committing = this.#commitOnce()
    })
  }

  /** Whether something waits to be tried again. */
  get isBehind(): boolean {
    return this.#settling.length > 0
  }

  /** Resolves when all that came is on disk or was refused. */
  async flushed(): Promise<void> {
    do {
      await this.#committing
      this.#committing = this.#commitOnce()
      await this.#committing
    } while (this.#arrivals.length > 0)
  }

  async #commitOnce(): Promise<void> {
    try {
      await this.#commit()
    } catch (err) {
      this.#board.log.error({ err, lane: this.#board.lane.name }, 'queue.pump_broke')
    }
    this.#committing = undefined
    if (this.#isLate || this.#arrivals.length > 0) this.wake()
    this.#isLate = false
  }

  async #commit(): Promise<void> {
    const { ledger, clock, policy } = this.#board
    const seats = this.#openSeats()
    const announced = this.#announcer.take()
    const settling = this.#settling
    const arrivals = this.#arrivals.length > MAX_ARRIVALS ? this.#arrivals.splice(0, MAX_ARRIVALS) : this.#arrivals
    if (arrivals === this.#arrivals) this.#arrivals = []
    this.#settling = []
    if (arrivals.length + settling.length + announced.length === 0 && (seats.length === 0 || !this.#isSomethingReady())) return
    const nowMs = clock.nowMs()
    const leaseUntil = nowMs + policy.leaseMs
    const batch = {
      nowMs,
      add: arrivals.map(({ job }) => job),
      settle: settling.map(({ settlement }) => settlement),
      announced,
      claim: seats.map(({ worker, free }) => ({ worker: worker.name, free, leaseUntil })),
    }
    const committed = await ledger.commit(batch).catch((thrown: unknown) => this.#failed(arrivals, settling, announced, thrown))
    if (committed === undefined) return
    for (const [index, added] of committed.added.entries()) arrivals[index]!.accepted(added)
    for (const [index, jobs] of committed.claimed.entries()) this.#give(seats[index]!, jobs, nowMs, leaseUntil)
    this.#settled(settling, committed.settled)
    this.#onChange()
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
    this.#settling = settling.concat(this.#settling)
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
  }

  #settled(settling: readonly Settling[], results: readonly boolean[]): void {
    const { running } = this.#board
    const acks = new Map<Seat, Running[]>()
    for (const [index, one] of settling.entries()) {
      const { running: job, isLost } = one.ending
      if (job.seat && !isLost) pushTo(acks, job.seat, job)
      if (running.get(job.id) === job) running.delete(job.id)
      leave(job)
      if (results[index]) this.#conclude(one)
    }
    for (const [seat, jobs] of acks) this.#acknowledge(seat, jobs)
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

  #acknowledge(seat: Seat, jobs: readonly Running[]): void {
    for (const part of partForFrames(jobs, () => 0)) {
      const [ids, attempts] = [part.map(({ id }) => id), part.map(({ attempt }) => attempt)]
      seat.worker.connection.send({ t: 'ack', lane: this.#board.lane.name, ids, attempts })
    }
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

function pushTo<Key, Value>(lists: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = lists.get(key)
  if (list) list.push(value)
  else lists.set(key, [value])
}

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
