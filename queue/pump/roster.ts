import type { Log } from '../../src/contract/house.ts'
import type { WorkerState } from '../../src/contract/queue.ts'
import type { Connection } from '../wire/connection.ts'
import { type FromWorker, fromWorker, type Hello } from '../wire/from-worker.ts'
import { PROTOCOL } from '../wire/protocol.ts'
import { WireError } from '../wire/wire-error.ts'
import type { Clock } from './clock.ts'
import type { FrontLane } from './front-lane.ts'
import { isSilent, type Seat, type WorkerLink } from './seat.ts'

/** How long a worker whose connection broke has to come back before its jobs are given up, in ms. */
const GRACE_MS = 2_000

interface RosterParts {
  readonly lanes: ReadonlyMap<string, FrontLane>
  readonly clock: Clock
  readonly log: Log
}

/** The workers that are connected. */
export class Roster {
  readonly #parts: RosterParts
  readonly #links = new Map<string, WorkerLink>()
  /** Names of those whose connection broke a moment ago. */
  readonly #missed = new Map<string, NodeJS.Timeout>()
  #closed = false

  constructor(parts: RosterParts) {
    this.#parts = parts
  }

  states(): WorkerState[] {
    const steadyMs = this.#parts.clock.steadyMs()
    return [...this.#links.values()].map((link) => ({
      name: link.name,
      pid: link.pid,
      connectedAt: link.connectedAt,
      isSilent: isSilent(link, steadyMs),
      lanes: [...link.seats.keys()],
      running: [...link.seats].reduce((sum, [lane, seat]) => sum + this.#runningAt(lane, seat), 0),
      vitals: link.vitals,
    }))
  }

  /** @returns why it may not come in, or its place */
  greet(hello: Hello, connection: Connection): WorkerLink | string {
    const refusal = this.#refusal(hello)
    if (refusal !== undefined) return refusal
    const { name, pid, instance } = hello
    this.#replace(name)
    const link: WorkerLink = {
      name,
      pid,
      instance,
      connection,
      connectedAt: this.#parts.clock.nowMs(),
      seats: new Map(),
      vitals: null,
      isLeaving: false,
      heardAt: this.#parts.clock.steadyMs(),
    }
    this.#links.set(name, link)
    connection.trust()
    connection.send({ t: 'welcome', protocol: PROTOCOL })
    for (const { lane, places, ...holds } of hello.lanes) this.#seat(link, lane, places, holds)
    this.#parts.log.info({ worker: name, pid }, 'queue.worker_connected')
    return link
  }

  /** Hand on what a worker says. @throws WireError */
  hear(link: WorkerLink, header: unknown, body: string): void {
    const read = fromWorker.safeParse(header)
    if (!read.success) throw new WireError(`The worker ${link.name} says what the protocol does not know.`, { cause: read.error })
    this.#heard(link)
    this.#handOn(link, read.data, body)
  }

  /** It takes data again. */
  drained({ seats }: WorkerLink): void {
    this.#wake(seats)
  }

  #heard(link: WorkerLink): void {
    const steadyMs = this.#parts.clock.steadyMs()
    const wasSilent = isSilent(link, steadyMs)
    link.heardAt = steadyMs
    if (wasSilent) this.#wake(link.seats)
  }

  #wake(seats: WorkerLink['seats']): void {
    for (const lane of seats.keys()) this.#parts.lanes.get(lane)!.wake()
  }

  /** Its connection is gone. */
  left(link: WorkerLink): void {
    if (this.#links.get(link.name) !== link) return
    this.#links.delete(link.name)
    this.#unseat(link)
    this.#parts.log.info({ worker: link.name }, 'queue.worker_left')
    if (this.#closed) return
    const giveUp = setTimeout(() => this.#giveUp(link.name), link.isLeaving ? 0 : GRACE_MS)
    this.#missed.set(link.name, giveUp)
  }

  /** What workers have stays theirs: the next front hears of it. */
  close(): void {
    this.#closed = true
    for (const timer of this.#missed.values()) clearTimeout(timer)
  }

  #refusal({ name, instance, protocol, lanes }: Hello): string | undefined {
    if (protocol !== PROTOCOL)
      return `It speaks version ${protocol} of the protocol; this front speaks ${PROTOCOL}. Start both from one version.`
    const other = this.#links.get(name)
    if (other && other.instance !== instance) return `Another worker is called ${name}. Give each a name of its own.`
    for (const { lane, places } of lanes) {
      const levels = this.#parts.lanes.get(lane)?.board.lane.levels
      if (levels === undefined) return `This front has no lane ${lane}. Start both from one version.`
      if (levels !== places.length) return `The lane ${lane} has ${levels} levels here. Start both from one version.`
    }
    return undefined
  }

  /** It may be back before its old connection was seen to break. */
  #replace(name: string): void {
    clearTimeout(this.#missed.get(name))
    this.#missed.delete(name)
    const old = this.#links.get(name)
    if (old === undefined) return
    this.#links.delete(name)
    this.#unseat(old)
    old.connection.destroy()
  }

  #seat(
    worker: WorkerLink,
    name: string,
    places: readonly number[],
    holds: { ids: readonly number[]; attempts: readonly number[] },
  ): void {
    const lane = this.#parts.lanes.get(name)!
    const seat: Seat = { worker, places, free: [...places], abandoned: [], utilisation: 0 }
    worker.seats.set(name, seat)
    lane.intake.seated(seat, holds)
    lane.watch.seatsChanged()
  }

  #unseat({ seats }: WorkerLink): void {
    for (const [name, seat] of seats) {
      const lane = this.#parts.lanes.get(name)!
      lane.board.seats.delete(seat)
      for (const job of lane.board.running.values()) if (job.seat === seat) job.seat = undefined
      lane.watch.seatsChanged()
    }
  }

  #giveUp(name: string): void {
    this.#missed.delete(name)
    for (const { board, intake } of this.#parts.lanes.values()) {
      for (const job of board.running.values()) if (job.workerName === name && job.seat === undefined) intake.lose(job)
    }
  }

  #handOn(link: WorkerLink, message: FromWorker, body: string): void {
    if (message.t === 'leaving') link.isLeaving = true
    else if (message.t === 'beat') this.#beat(link, message)
    else {
      const seat = link.seats.get(message.lane)
      if (seat === undefined) throw new WireError(`The worker ${link.name} does not serve the lane ${message.lane}.`)
      const { intake } = this.#parts.lanes.get(message.lane)!
      if (message.t === 'verdicts') intake.verdicts(seat, message, body)
      else if (message.t === 'chunks') intake.chunks(seat, message, body)
      else intake.asks(seat, message, body)
    }
  }

  #beat(link: WorkerLink, { vitals, lanes }: Extract<FromWorker, { t: 'beat' }>): void {
    link.vitals = vitals
    for (const beat of lanes) {
      const seat = link.seats.get(beat.lane)
      if (seat) this.#parts.lanes.get(beat.lane)!.intake.beat(seat, beat)
    }
  }

  #runningAt(lane: string, seat: Seat): number {
    let count = 0
    for (const job of this.#parts.lanes.get(lane)!.board.running.values()) if (job.seat === seat) count++
    return count
  }
}
