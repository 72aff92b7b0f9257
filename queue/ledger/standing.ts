import type { JobState, TokenLimit, TokenLoad } from '../../src/contract/queue.ts'
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

/**
 * What a ledger knows of its jobs without asking the file: how many stand where, whose turn it is, which run.
 *
 * Possible because nobody else writes the file. Changed by the functions of this interface alone, so that all of it fits together.
 */
export interface Standing {
  readonly counts: Record<JobState, number>
  readonly leases: Map<number, Running>
  /** When the next scheduled job is due. */
  dueAt: number | undefined
  isPaused: boolean
  /** Ready jobs that a claim could get: those whose token has room, or that are nested. */
  claimable(): number
  place(token: string): Place
  line(token: string, level: number, priority: number): Line
  enterReady(line: Line, id: number): void
  /** The next job of a line whose turn it is. The line stands behind the others then, where it is not empty. */
  takeReady(line: Line): number
  leaveReady(line: Line, id: number): void
  enterScheduled(place: Place, level: number, jobs?: number): void
  leaveScheduled(place: Place, level: number): void
  enterRunning(job: Running): void
  leaveRunning(job: Running): void
  /** The line whose turn it is; see {@link Turns}. */
  next(level: number): Line | undefined
  setLimit(limit: TokenLimit): void
  loads(limit: number): readonly TokenLoad[]
  /** The ids of a token's ready jobs. */
  readyOf(token: string): number[]
  /** Forget everything, so that it can be read anew. */
  clear(): void
}

/** Idle tokens are forgotten when there are more than these, and twice as many as after the last time. */
const SWEEP_AT = 1_000

/** A lane without jobs. */
export function createStanding(policy: LedgerPolicy): Standing {
  const counts: Record<JobState, number> = { scheduled: 0, ready: 0, running: 0, done: 0, cancelled: 0, dead: 0 }
  const leases = new Map<number, Running>()
  const places = new Map<string, Place>()
  const limits = new Map<string, TokenLimit>()
  let turns: Turns = createTurns(policy.levels)
  let claimable = 0
  let sweepAt = SWEEP_AT

  const makePlace = (token: string): Place => {
    if (places.size >= sweepAt) sweep()
    const place: Place = {
      token,
      running: 0,
      runningLimit: limits.get(token)?.running ?? policy.perToken,
      waitingLimit: limits.get(token)?.waiting ?? policy.queuePerToken,
      waiting: Array.from({ length: policy.levels }, () => 0),
      ready: 0,
      lines: [],
      parked: [],
    }
    places.set(token, place)
    return place
  }
  const sweep = (): void => {
    for (const [token, place] of places) if (isIdle(place)) places.delete(token)
    sweepAt = Math.max(SWEEP_AT, 2 * places.size)
  }
  const placeOf = (token: string): Place => places.get(token) ?? makePlace(token)
  /** Change what decides over a token's room, and what follows from it. */
  const change = (place: Place, by: () => void): void => {
    const had = hasRoom(place)
    by()
    const has = hasRoom(place)
    if (had === has) return
    claimable += has ? place.ready : -place.ready
    if (has) unpark(place)
  }
  const unpark = (place: Place): void => {
    const { parked } = place
    place.parked = []
    for (const line of parked) turns.queue(line)
  }
  const countReady = (line: Line, by: 1 | -1): void => {
    counts.ready += by
    line.place.waiting[line.level]! += by
    if (line.level === 0) line.place.ready += by
    if (line.level > 0 || hasRoom(line.place)) claimable += by
  }
  const run = (job: Running, by: 1 | -1): void => {
    counts.running += by
    if (job.level > 0) return
    change(job.place, () => {
      job.place.running += by
    })
  }

  return {
    counts,
    leases,
    dueAt: undefined,
    isPaused: false,
    claimable: () => claimable,
    place: placeOf,
    line: (token, level, priority) => lineOf(placeOf(token), level, priority),
    enterReady: (line, id) => {
      addId(line.queue, id)
      countReady(line, 1)
      turns.queue(line)
    },
    takeReady: (line) => {
      countReady(line, -1)
      const id = takeId(line.queue)
      if (sizeOf(line.queue) > 0) turns.queue(line)
      return id
    },
    leaveReady: (line, id) => {
      countReady(line, -1)
      removeId(line.queue, id)
    },
    enterScheduled: (place, level, jobs = 1) => {
      counts.scheduled += jobs
      place.waiting[level]! += jobs
    },
    leaveScheduled: (place, level) => {
      counts.scheduled -= 1
      place.waiting[level]! -= 1
    },
    enterRunning: (job) => {
      leases.set(job.id, job)
      run(job, 1)
    },
    leaveRunning: (job) => {
      leases.delete(job.id)
      run(job, -1)
    },
    next: (level) => turns.next(level),
    setLimit: (limit) => {
      if (limit.running === null && limit.waiting === null) limits.delete(limit.token)
      else limits.set(limit.token, limit)
      const place = places.get(limit.token)
      if (!place) return
      change(place, () => {
        place.runningLimit = limit.running ?? policy.perToken
        place.waitingLimit = limit.waiting ?? policy.queuePerToken
      })
    },
    loads: (limit) =>
      [...places.values()]
        .filter((place) => !isIdle(place))
        .map(loadOf)
        .sort((a, b) => shareOf(b) - shareOf(a))
        .slice(0, limit),
    readyOf: (token) => places.get(token)?.lines.flatMap(({ queue }) => queue.ids.slice(queue.head)) ?? [],
    clear: () => {
      for (const state of Object.keys(counts) as JobState[]) counts[state] = 0
      leases.clear()
      places.clear()
      limits.clear()
      turns = createTurns(policy.levels)
      claimable = 0
    },
  }
}

const loadOf = (place: Place): TokenLoad => ({
  token: place.token,
  running: place.running,
  runningLimit: place.runningLimit,
  waiting: place.waiting[0]!,
  waitingLimit: place.waitingLimit,
})

/** How near a token is to a limit, 0 to 1. */
const shareOf = ({ running, runningLimit, waiting, waitingLimit }: TokenLoad): number =>
  Math.max(running / Math.max(1, runningLimit), waiting / Math.max(1, waitingLimit))
