import type { Announcer } from './announcer.ts'
import type { LaneActs } from './lane-acts.ts'
import type { LaneBoard } from './lane-board.ts'
import type { LaneIntake } from './lane-intake.ts'
import type { LanePump } from './lane-pump.ts'
import { noTurn } from './no-turn.ts'
import { leased, type Running } from './running-job.ts'
import type { Waiter } from './waiters.ts'

/** How often those who wait for a turn are looked at, in ms. */
const TURNS_EVERY_MS = 100
/** How often leases and announcements are looked at while there are any, in ms. */
const LEASES_EVERY_MS = 1_000
/** How often old jobs are removed, in ms. */
const PURGE_EVERY_MS = 3_600_000
/** How long after the start they are first, in ms. */
const FIRST_PURGE_MS = 60_000
/** Jobs removed at once: some ms. */
const PURGE_STEP = 500
/** Between two such steps, in ms. */
const PURGE_PAUSE_MS = 50
/** How much longer than others dead jobs stay. */
const DEAD_TIMES = 10
/** How long a lane may be without a worker before those who wait are told, in ms. */
const UNSERVED_MS = 5_000
/** Leases of which nothing is known in memory, looked at together. */
const STRAYS = 100

interface WatchParts {
  readonly board: LaneBoard
  readonly pump: LanePump
  readonly intake: LaneIntake
  readonly announcer: Announcer
  readonly acts: LaneActs
  readonly onChange: () => void
}

/** All of a lane that happens by the clock: one timer, and none to speak of while there is nothing to do. */
export class LaneWatch {
  readonly #parts: WatchParts
  #timer: NodeJS.Timeout | undefined
  #armedFor = Number.POSITIVE_INFINITY
  #leasesAt = 0
  #purgeAt: number
  #unservedSince: number | undefined
  #isDirty = false
  #toldAt = Number.NEGATIVE_INFINITY
  /** As of the last look; the ledger would have to be asked. */
  oldestReadyAt: number | null = null
  #isClosed = false

  constructor(parts: WatchParts) {
    this.#parts = parts
    const steadyMs = parts.board.clock.steadyMs()
    this.#purgeAt = steadyMs + FIRST_PURGE_MS
    this.#unservedSince = steadyMs
  }

  /** Whether no worker has served the lane for a while. */
  get isUnserved(): boolean {
    const { seats, clock } = this.#parts.board
    return seats.size === 0 && this.#unservedSince !== undefined && clock.steadyMs() - this.#unservedSince >= UNSERVED_MS
  }

  start(): void {
    this.#unservedSince = this.#parts.board.clock.steadyMs()
    this.#look()
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  /** Workers came or went. */
  seatsChanged(): void {
    const { seats, clock } = this.#parts.board
    this.#unservedSince = seats.size > 0 ? undefined : (this.#unservedSince ?? clock.steadyMs())
    this.changed()
  }

  /** Something happened. It is told at most once a second; and there may be something to watch. */
  changed(): void {
    this.#isDirty = true
    const steadyMs = performance.now()
    if (this.#armedFor > steadyMs + TURNS_EVERY_MS) this.#arm(TURNS_EVERY_MS)
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer)
    if (this.#isClosed) return
    this.#armedFor = performance.now() + ms
    this.#timer = setTimeout(() => this.#look(), ms)
    this.#timer.unref()
  }

  #look(): void {
    const { board, pump, announcer } = this.#parts
    const { clock, ledger } = board
    const steadyMs = clock.steadyMs()
    this.#forgive(steadyMs)
    const isSomebodyWaiting = this.#lookAtTurns(steadyMs)
    this.#tell(steadyMs)
    if (steadyMs >= this.#leasesAt) {
      this.#leasesAt = steadyMs + LEASES_EVERY_MS
      this.#background('queue.leases_failed', this.#lookAtLeases(steadyMs))
      if (pump.isBehind || announcer.isBehind) pump.wake()
    }
    if (steadyMs >= this.#purgeAt) {
      this.#purgeAt = Number.POSITIVE_INFINITY
      this.#background('queue.purge_failed', this.#purge())
    }
    const dueInMs = (ledger.nextDueAt() ?? Number.POSITIVE_INFINITY) - clock.nowMs()
    if (dueInMs <= 0) pump.wake()
    this.#arm(this.#nextLookMs(isSomebodyWaiting, dueInMs))
  }

  /** Where this process itself stood still, it could not hear of anybody's jobs meanwhile. */
  #forgive(steadyMs: number): void {
    const stoodStillMs = performance.now() - this.#armedFor
    if (stoodStillMs < LEASES_EVERY_MS) return
    const { running, log, lane } = this.#parts.board
    log.warn({ lane: lane.name, stoodStillMs: Math.round(stoodStillMs) }, 'queue.front_stood_still')
    for (const job of running.values()) job.heardAt = Math.min(steadyMs, job.heardAt + stoodStillMs)
  }

  #nextLookMs(isSomebodyWaiting: boolean, dueInMs: number): number {
    const { board, pump, announcer } = this.#parts
    if (isSomebodyWaiting) return TURNS_EVERY_MS
    const isBusy = board.running.size > 0 || this.#isDirty || pump.isBehind || announcer.isBehind || board.ledger.hasReady()
    const longest = isBusy ? LEASES_EVERY_MS : PURGE_EVERY_MS
    return Math.min(longest, dueInMs <= 0 ? TURNS_EVERY_MS : dueInMs)
  }

  #tell(steadyMs: number): void {
    if (!this.#isDirty || steadyMs - this.#toldAt < LEASES_EVERY_MS) return
    this.#isDirty = false
    this.#toldAt = steadyMs
    this.#parts.onChange()
  }

  /** @returns whether somebody goes on waiting for a turn */
  #lookAtTurns(steadyMs: number): boolean {
    const { waiters } = this.#parts.board
    const isUnserved = this.isUnserved
    let isSomebodyWaiting = false
    for (const [id, all] of waiters.entries()) {
      for (const waiter of all) {
        if (waiter.turnBy === undefined) continue
        if (isUnserved) this.#sendAway(id, waiter, 'no_worker')
        else if (waiter.turnBy <= steadyMs)
          this.#sendAway(id, waiter, this.#parts.board.ledger.isPaused() ? 'paused' : 'maxWaitMs')
        else isSomebodyWaiting = true
      }
    }
    return isSomebodyWaiting
  }

  #sendAway(id: number, waiter: Waiter, why: 'no_worker' | 'paused' | 'maxWaitMs'): void {
    const { lane, waiters, figures } = this.#parts.board
    figures.refuse(why)
    const isLast = waiters.remove(id, waiter)
    waiter.fail(noTurn(lane.name, why, waiter.maxWaitMs))
    if (isLast) this.#parts.acts.withdraw(id, 'It had no turn in time.')
  }

  async #lookAtLeases(steadyMs: number): Promise<void> {
    const { board, intake } = this.#parts
    const { running, policy, ledger, clock } = board
    const nowMs = clock.nowMs()
    const renewed: Running[] = []
    for (const job of running.values()) {
      if (job.isEnding) continue
      if (steadyMs - job.heardAt >= policy.leaseMs) intake.lose(job)
      // Also far too late a lease: then somebody set the clock.
      else if (job.seat && Math.abs(job.leaseUntil - nowMs - policy.leaseMs) > policy.leaseMs / 2) renewed.push(job)
    }
    if (renewed.length > 0) await this.#renew(renewed, nowMs + policy.leaseMs)
    this.oldestReadyAt = ledger.counts().ready > 0 ? await ledger.oldestReadyAt() : null
    await this.#lookForStrays(nowMs)
  }

  async #renew(jobs: readonly Running[], until: number): Promise<void> {
    for (const job of jobs) job.leaseUntil = until
    await this.#parts.board.ledger.renew(jobs, until)
  }

  /** Leases that the ledger holds and memory does not; there should be none. */
  async #lookForStrays(nowMs: number): Promise<void> {
    const { board, intake } = this.#parts
    for (const lease of await board.ledger.expired(nowMs, STRAYS)) {
      if (board.running.has(lease.id)) continue
      board.log.error({ lane: board.lane.name, job: lease.id }, 'queue.stray_lease')
      const stray = leased(lease, board.clock.steadyMs())
      board.running.set(lease.id, stray)
      intake.lose(stray)
    }
  }

  async #purge(): Promise<void> {
    const { ledger, policy, clock, log, lane } = this.#parts.board
    const nowMs = clock.nowMs()
    const before = { over: nowMs - policy.retentionMs, dead: nowMs - policy.retentionMs * DEAD_TIMES }
    const jobs = await ledger.purge(before, PURGE_STEP).catch((thrown: unknown) => {
      this.#purgeAt = clock.steadyMs() + PURGE_EVERY_MS
      throw thrown
    })
    if (jobs > 0) log.info({ lane: lane.name, jobs }, 'queue.purged')
    this.#purgeAt = clock.steadyMs() + (jobs < PURGE_STEP ? PURGE_EVERY_MS : PURGE_PAUSE_MS)
    if (jobs === PURGE_STEP) this.#arm(PURGE_PAUSE_MS)
  }

  #background(event: string, work: Promise<void>): void {
    const { log, lane } = this.#parts.board
    work.catch((err: unknown) => log.error({ err, lane: lane.name }, event))
  }
}
