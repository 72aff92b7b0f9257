import { randomUUID } from 'node:crypto'
import type { Log } from '../../src/contract/house.ts'
import type { Lane, LanePolicy } from '../../src/contract/lane.ts'
import type { FromFront } from '../wire/from-front.ts'
import { PROTOCOL } from '../wire/protocol.ts'
import { within } from '../within.ts'
import { LanePool } from './lane-pool.ts'
import { Link } from './link.ts'
import { TaskLines } from './task-line.ts'
import { VitalSigns } from './vitals.ts'

/** How often a worker says how it fares, in ms. Leases live by it. */
const BEAT_MS = 1_000

/** How long a worker that stops tries to hand over what is done, in ms. */
const HAND_OVER_MS = 5_000

interface WorkerOptions {
  readonly lanes: readonly Lane[]
  /** URL of the file whose default export runs a lane's jobs. */
  readonly taskFile: (lane: string) => string
  readonly socketPath: string
  /** Unique among the workers of a front. */
  readonly name: string
  readonly policies: Readonly<Record<string, LanePolicy>>
  readonly log: Log
}

/** A worker that runs. */
export interface Worker {
  /** Take nothing new, give what runs `drainMs`, hand over what is done. Safe to call twice. */
  stop(drainMs: number): Promise<void>
}

/** Serve lanes: connect to the front, now and whenever it is there again, and run what it sends. */
export function startWorker(options: WorkerOptions): Worker {
  const instance = randomUUID()
  const signs = new VitalSigns()
  const lines = new TaskLines(() => link)
  const pools = new Map(options.lanes.map((lane) => [lane.name, openPool(lane, options, () => link, lines)]))
  const all = [...pools.values()]
  const link: Link = new Link({
    socketPath: options.socketPath,
    log: options.log,
    hello: () => ({
      t: 'hello',
      protocol: PROTOCOL,
      name: options.name,
      pid: process.pid,
      instance,
      lanes: all.map((pool) => ({ lane: pool.lane.name, places: pool.places, ...pool.held() })),
    }),
    onMessage: (message, body) => hear(message, body, pools, lines),
    onUp: () => {
      if (stopping) link.send({ t: 'leaving' })
      for (const { outbox } of all) outbox.resend()
      lines.flush()
      beat()
    },
    onDown: () => {
      for (const { outbox } of all) outbox.dropReports()
      lines.down()
    },
    onDrain: () => {
      for (const { outbox } of all) outbox.flush()
      lines.flush()
    },
  })
  const beat = (): void => {
    const threads = all.reduce((sum, pool) => sum + pool.threads, 0)
    const lanes = all.map((pool) => ({ lane: pool.lane.name, utilisation: pool.utilisation.take(), ...pool.held() }))
    link.send({ t: 'beat', vitals: signs.read(threads), lanes })
  }
  const beating = setInterval(beat, BEAT_MS)

  let stopping: Promise<void> | undefined
  const stop = async (drainMs: number): Promise<void> => {
    link.send({ t: 'leaving' })
    await within(drainMs, Promise.all(all.map((pool) => pool.idle())))
    await within(HAND_OVER_MS, Promise.all(all.map(({ outbox }) => outbox.empty())))
    clearInterval(beating)
    link.close()
    signs.close()
    await Promise.all(all.map((pool) => pool.close()))
  }
  return { stop: (drainMs) => (stopping ??= stop(drainMs)) }
}

function openPool(lane: Lane, { policies, taskFile, log }: WorkerOptions, link: () => Link, lines: TaskLines): LanePool {
  const policy = policies[lane.name] ?? lane.policy
  return new LanePool({ lane, policy, taskUrl: taskFile(lane.name), link, lines, log })
}

function hear(message: FromFront, body: string, pools: ReadonlyMap<string, LanePool>, lines: TaskLines): void {
  switch (message.t) {
    case 'jobs':
      pools.get(message.lane)?.take(message, body)
      break
    case 'ack':
      pools.get(message.lane)?.outbox.acknowledged(message.ids, message.attempts)
      break
    case 'cancel':
      pools.get(message.lane)?.cancel(message)
      break
    case 'answers':
      lines.answered(message, body)
  }
}
