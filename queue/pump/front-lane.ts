import { Fault } from '../../src/contract/fault.ts'
import type { LaneHandler, LaneState } from '../../src/contract/queue.ts'
import { NumberMap } from '../../src/core/churn/number-map.ts'
import { Announcer } from './announcer.ts'
import { LaneFigures } from './figures.ts'
import type { JobIds } from './job-ids.ts'
import { LaneActs } from './lane-acts.ts'
import type { LaneBoard } from './lane-board.ts'
import { LaneEntrance } from './lane-entrance.ts'
import { LaneIntake } from './lane-intake.ts'
import { LanePump } from './lane-pump.ts'
import { LaneWatch } from './lane-watch.ts'
import { leased } from './running-job.ts'
import { isSilent } from './seat.ts'
import { Waiters } from './waiters.ts'

type FrontLaneOptions = Pick<LaneBoard, 'lane' | 'policy' | 'ledger' | 'log' | 'clock'> & {
  readonly ids: JobIds
  readonly onChange: () => void
}

/** How many tokens a lane's state names. */
const TOKENS = 20

/** A lane's front side, put together. */
export class FrontLane {
  readonly board: LaneBoard
  readonly entrance: LaneEntrance
  readonly intake: LaneIntake
  readonly acts: LaneActs
  readonly watch: LaneWatch
  readonly #pump: LanePump
  readonly #announcer: Announcer
  #onIdle: (() => void) | undefined

  constructor({ ids, onChange, ...parts }: FrontLaneOptions) {
    const board: LaneBoard = {
      ...parts,
      random: Math.random,
      figures: new LaneFigures(),
      waiters: new Waiters(),
      running: new NumberMap(),
      seats: new Set(),
      handler: undefined,
    }
    const changed = (): void => {
      this.watch.changed()
      if (board.running.size === 0) this.#onIdle?.()
    }
    const announcer = new Announcer(board)
    const pump = new LanePump(board, announcer, changed)
    const intake = new LaneIntake(board, pump)
    const acts = new LaneActs({ board, pump, intake, announcer, onChange: changed })
    this.board = board
    this.intake = intake
    this.acts = acts
    this.#pump = pump
    this.#announcer = announcer
    this.watch = new LaneWatch({ board, pump, intake, announcer, acts, onChange })
    this.entrance = new LaneEntrance({ board, pump, watch: this.watch, acts, ids })
  }

  handle(handler: LaneHandler): void {
    if (this.board.handler) throw new TypeError(`The lane ${this.board.lane.name} has a handler already.`)
    this.board.handler = handler
  }

  /** Take over what an earlier front had given away, and begin. */
  async start(): Promise<void> {
    const { ledger, clock, policy, running } = this.board
    await ledger.takeOver(clock.nowMs() + policy.leaseMs)
    for (const lease of await ledger.leases()) running.set(lease.id, leased(lease, clock.steadyMs()))
    await this.#announcer.catchUp()
    this.#pump.isHeld = false
    this.watch.start()
    this.#pump.wake()
  }

  /** Take nothing new and give nothing away. Those who wait for a turn are told. */
  async hold(): Promise<void> {
    const { waiters } = this.board
    this.entrance.close()
    this.#pump.isHeld = true
    await this.#pump.flushed()
    for (const [id, all] of waiters.entries()) {
      if (all.every(({ turnBy }) => turnBy === undefined)) continue
      waiters.fail(id, stopping('It had no turn yet, and was taken back.'))
      this.acts.withdraw(id, 'The gateway stopped before it had its turn.')
    }
  }

  /** Resolves when nothing runs. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.board.running.size === 0) resolve()
      else this.#onIdle = resolve
    })
  }

  /** Those who still wait are told; what runs goes on without this front. */
  async close(): Promise<void> {
    const { waiters, ledger } = this.board
    this.watch.close()
    await this.#pump.flushed()
    await this.acts.idle()
    await this.#announcer.idle()
    await this.#pump.flushed()
    for (const [id] of waiters.entries()) waiters.fail(id, stopping('Its job goes on without it.'))
    await ledger.close()
  }

  async setPaused(paused: boolean): Promise<void> {
    await this.board.ledger.setPaused(paused)
    this.#pump.wake()
    this.watch.changed()
  }

  /** Limits or places changed. */
  wake(): void {
    this.#pump.wake()
  }

  state(): LaneState {
    const { lane, policy, ledger, seats, figures, clock } = this.board
    const { scheduled, ready, running, dead } = ledger.counts()
    const steadyMs = clock.steadyMs()
    const capacities = [...seats].map(({ worker, places }) =>
      worker.isLeaving || isSilent(worker, steadyMs) ? 0 : places.reduce((sum, count) => sum + count, 0),
    )
    const capacity = capacities.reduce((sum, count) => sum + count, 0)
    const worked = [...seats].reduce((sum, { utilisation }, index) => sum + utilisation * capacities[index]!, 0)
    return {
      name: lane.name,
      summary: lane.summary,
      paused: ledger.isPaused(),
      policy,
      workers: seats.size,
      scheduled,
      ready,
      running,
      dead,
      capacity,
      utilisation: capacity > 0 ? worked / capacity : null,
      oldestReadyAt: ready > 0 ? this.watch.oldestReadyAt : null,
      wait: figures.wait.quantiles(steadyMs),
      run: figures.run.quantiles(steadyMs),
      totals: figures.totals(),
      tokens: ledger.loads(TOKENS),
    }
  }
}

const stopping = (what: string): Fault =>
  new Fault('unavailable', `The gateway stops. ${what} Try again shortly.`, { retryAfterMs: 2_000 })
