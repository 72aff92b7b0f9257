import type { JobState, TokenLimit, TokenLoad } from '../../src/contract/queue.ts'
import { NumberMap } from '../../src/core/churn/number-map.ts'
import { addId, removeId, sizeOf, takeId } from './id-queue.ts'
import type { Lease, LedgerPolicy } from './ledger.ts'
import { hasRoom, isIdle, lineOf, type Place } from './place.ts'
import { createTurns, type Line, type Turns } from './turns.ts'

/** A running job as the ledger knows it by heart. */
export interface Running extends Lease {
  readonly place: Place
  attempt: number
  maxAttempts: number
  timeoutMs: number | null
  leaseUntil: number
  cancelRequested: boolean
}

/** Idle tokens are forgotten when there are more than these, and twice as many as after the last time. */
const SWEEP_AT = 1_000

/**
 * What a ledger knows of its jobs without asking the file: how many stand where, whose turn it is, which run.
 *
 * Possible because nobody else writes the file. A job that comes or goes is told to the method of its state, so that all of it fits together.
 */
export class Standing {
  readonly counts: Record<JobState, number> = { scheduled: 0, ready: 0, running: 0, done: 0, cancelled: 0, dead: 0 }
  readonly leases = new NumberMap<Running>()
  /** When the next scheduled job is due. */
  dueAt: number | undefined
  isPaused = false
  readonly #policy: LedgerPolicy
  readonly #places = new Map<string, Place>()
  readonly #limits = new Map<string, TokenLimit>()
  #turns: Turns
  #claimable = 0
  #sweepAt = SWEEP_AT

  constructor(policy: LedgerPolicy) {
    this.#policy = policy
    this.#turns = createTurns(policy.levels)
  }

  /** Forget everything, so that it can be read anew. */
  clear(): void {
    for (const state of Object.keys(this.counts) as JobState[]) this.counts[state] = 0
    this.leases.clear()
    this.#places.clear()
    this.#limits.clear()
    this.#turns = createTurns(this.#policy.levels)
    this.#claimable = 0
    this.dueAt = undefined
  }

  /** Ready jobs that a claim could get: those whose token has room, or that are nested. */
  get claimable(): number {
    return this.#claimable
  }

  place(token: string): Place {
    return this.#places.get(token) ?? this.#makePlace(token)
  }

  line(token: string, level: number, priority: number): Line {
    return lineOf(this.place(token), level, priority)
  }

  /** The line whose turn it is; see {@link Turns}. */
  next(level: number): Line | undefined {
    return this.#turns.next(level)
  }

  enterReady(line: Line, id: number): void {
    addId(line.queue, id)
    this.#countReady(line, 1)
    this.#turns.queue(line)
  }

  /** The next job of a line whose turn it is. The line stands behind the others then, where it is not empty. */
  takeReady(line: Line): number {
    this.#countReady(line, -1)
    const id = takeId(line.queue)
    if (sizeOf(line.queue) > 0) this.#turns.queue(line)
    return id
  }

  leaveReady(line: Line, id: number): void {
    this.#countReady(line, -1)
    removeId(line.queue, id)
  }

  /** The ids of a token's ready jobs. */
  readyOf(token: string): number[] {
    return this.#places.get(token)?.lines.flatMap(({ queue }) => queue.ids.slice(queue.head)) ?? []
  }

  enterScheduled(place: Place, level: number, jobs = 1): void {
    this.counts.scheduled += jobs
    place.waiting[level]! += jobs
  }

  leaveScheduled(place: Place, level: number): void {
    this.enterScheduled(place, level, -1)
  }

  enterRunning(job: Running): void {
    this.leases.set(job.id, job)
    this.#countRunning(job, 1)
  }

  leaveRunning(job: Running): void {
    this.leases.delete(job.id)
    this.#countRunning(job, -1)
  }

  /** Acts on the next claim. Both null: the lane's own again. */
  setLimit(limit: TokenLimit): void {
    const { token, running, waiting } = limit
    if (running === null && waiting === null) this.#limits.delete(token)
    else this.#limits.set(token, limit)
    const place = this.#places.get(token)
    if (!place) return
    const had = hasRoom(place)
    place.runningLimit = running ?? this.#policy.perToken
    place.waitingLimit = waiting ?? this.#policy.queuePerToken
    this.#roomChanged(place, had)
  }

  /** The tokens nearest their limits, highest share first. */
  loads(limit: number): readonly TokenLoad[] {
    const busy = [...this.#places.values()].filter((place) => !isIdle(place))
    return busy
      .map(loadOf)
      .sort((a, b) => shareOf(b) - shareOf(a))
      .slice(0, limit)
  }

  #makePlace(token: string): Place {
    if (this.#places.size >= this.#sweepAt) this.#sweep()
    const limit = this.#limits.get(token)
    const place: Place = {
      token,
      running: 0,
      runningLimit: limit?.running ?? this.#policy.perToken,
      waitingLimit: limit?.waiting ?? this.#policy.queuePerToken,
      waiting: Array.from({ length: this.#policy.levels }, () => 0),
      ready: 0,
      lines: [],
      parked: [],
    }
    this.#places.set(token, place)
    return place
  }

  #sweep(): void {
    for (const [token, place] of this.#places) if (isIdle(place)) this.#places.delete(token)
    this.#sweepAt = Math.max(SWEEP_AT, 2 * this.#places.size)
  }

  #countReady({ place, level }: Line, by: 1 | -1): void {
    this.counts.ready += by
    place.waiting[level]! += by
    if (level === 0) place.ready += by
    if (level > 0 || hasRoom(place)) this.#claimable += by
  }

  #countRunning({ place, level }: Running, by: 1 | -1): void {
    this.counts.running += by
    if (level > 0) return
    const had = hasRoom(place)
    place.running += by
    this.#roomChanged(place, had)
  }

  #roomChanged(place: Place, had: boolean): void {
    const has = hasRoom(place)
    if (had === has) return
    this.#claimable += has ? place.ready : -place.ready
    if (!has) return
    const { parked } = place
    place.parked = []
    for (const line of parked) this.#turns.queue(line)
  }
}

const loadOf = ({ token, running, runningLimit, waiting, waitingLimit }: Place): TokenLoad => ({
  token,
  running,
  runningLimit,
  waiting: waiting[0]!,
  waitingLimit,
})

/** How near a token is to a limit, 0 to 1. */
const shareOf = ({ running, runningLimit, waiting, waitingLimit }: TokenLoad): number =>
  Math.max(running / Math.max(1, runningLimit), waiting / Math.max(1, waitingLimit))
