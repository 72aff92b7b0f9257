import { join } from 'node:path'
import { Fault } from '../src/contract/fault.ts'
import type { Log } from '../src/contract/house.ts'
import type { Lane } from '../src/contract/lane.ts'
import type { Queue } from '../src/contract/queue.ts'
import { policyOf } from './lane-policy.ts'
import { openSqliteLedger } from './ledger/sqlite-ledger.ts'
import type { WatchFile } from './ledger/watch-file.ts'
import { FrontLane } from './pump/front-lane.ts'
import { createJobIds } from './pump/job-ids.ts'
import { Listener } from './pump/listener.ts'
import { Roster } from './pump/roster.ts'
import type { QueueSettings } from './queue.settings.ts'
import { socketPathOf } from './wire/socket-path.ts'
import { within } from './within.ts'

/** The queue of a front, which the composition root starts and stops. */
export interface OpenQueue extends Queue {
  /** Take over the leases of an earlier front, listen for workers, let jobs run. */
  start(): Promise<void>
  /** Take nothing new, and give workers `drainMs` to finish what runs; what they ask meanwhile is answered. */
  drain(drainMs: number): Promise<void>
  /** Take nothing new; give workers `drainMs` to finish what runs (they keep it and hand it over to the next front otherwise); close the ledgers. */
  stop(drainMs: number): Promise<void>
}

export interface QueueOptions {
  readonly lanes: readonly Lane[]
  readonly settings: QueueSettings
  /** Absolute, or `:memory:`: then ledgers are in memory and no worker can connect, unless `socketPath` says where. */
  readonly dataDir: string
  readonly socketPath?: string
  readonly nowMs: () => number
  /** A clock that nobody sets, in ms. Default: that of the process. */
  readonly steadyMs?: () => number
  readonly log: Log
  /** Who looks after the ledgers' files. Default nobody. */
  readonly watch?: WatchFile
  /** A job of a lane changed; at most once a second and lane. */
  readonly onChange: (lane: string) => void
}

/** Open the ledgers of all lanes. Nothing runs before `start`. @throws TypeError for a ledger that is too new or cannot be used */
export async function openQueue(options: QueueOptions): Promise<OpenQueue> {
  const lanes = await openLanes(options)
  const { log, nowMs, steadyMs = () => performance.now(), socketPath } = options
  const roster = new Roster({ lanes, clock: { nowMs, steadyMs }, log })
  const listener = new Listener(roster, log)
  const path = socketPath ?? (options.dataDir === ':memory:' ? undefined : socketPathOf(options.dataDir))
  let isListening = false
  let held: Promise<void> | undefined
  let stopping: Promise<void> | undefined

  const of = (lane: Lane): FrontLane => find(lanes, lane.name)
  const start = async (): Promise<void> => {
    for (const lane of lanes.values()) await lane.start()
    if (path === undefined) return
    await listener.listen(path)
    isListening = true
  }
  const hold = async (): Promise<void> => {
    await Promise.all([...lanes.values()].map((lane) => lane.hold()))
  }
  const drain = async (drainMs: number): Promise<void> => {
    held ??= hold()
    await held
    if (isListening) await within(drainMs, Promise.all([...lanes.values()].map((lane) => lane.idle())))
  }
  const stop = async (drainMs: number): Promise<void> => {
    await drain(drainMs)
    roster.close()
    if (isListening) await listener.close()
    for (const lane of lanes.values()) await lane.close()
  }
  return {
    start,
    drain,
    stop: (drainMs) => (stopping ??= stop(drainMs)),
    run: async (lane, payload, given) => (await of(lane).entrance.run(payload, given)) as never,
    add: async (lane, payload, given) => of(lane).entrance.add(payload, given),
    handle: (lane, handler) => of(lane).handle(handler),
    lanes: () => [...lanes.values()].map((lane) => lane.state()),
    workers: () => roster.states(),
    jobs: async (lane, filter) => find(lanes, lane).board.ledger.list(filter),
    job: async (lane, id) => find(lanes, lane).board.ledger.get(id),
    retry: async (lane, id) => find(lanes, lane).acts.retry(id),
    cancel: async (lane, id, reason) => find(lanes, lane).acts.cancel(id, reason),
    discard: async (lane, id) => find(lanes, lane).acts.discard(id),
    pause: async (lane) => find(lanes, lane).setPaused(true),
    resume: async (lane) => find(lanes, lane).setPaused(false),
    limits: async (lane) => find(lanes, lane).board.ledger.limits(),
    setLimit: async (lane, limit) => {
      await find(lanes, lane).board.ledger.setLimit(limit)
      find(lanes, lane).wake()
    },
  }
}

async function openLanes({
  lanes,
  settings,
  dataDir,
  nowMs,
  steadyMs,
  log,
  watch,
  onChange,
}: QueueOptions): Promise<ReadonlyMap<string, FrontLane>> {
  const clock = { nowMs, steadyMs: steadyMs ?? (() => performance.now()) }
  const ids = createJobIds(nowMs)
  const opened = new Map<string, FrontLane>()
  try {
    for (const lane of lanes) {
      const policy = policyOf(lane, settings)
      const path = dataDir === ':memory:' ? dataDir : join(dataDir, 'queue', `${lane.name}.sqlite`)
      const ledger = await openSqliteLedger({
        lane: lane.name,
        path,
        policy: { ...policy, levels: lane.levels },
        synchronousFull: settings.synchronousFull,
        log,
        ...(watch && { watch }),
      })
      ids.after(ledger.lastId())
      opened.set(lane.name, new FrontLane({ lane, policy, ledger, log, clock, ids, onChange: () => onChange(lane.name) }))
    }
    return opened
  } catch (thrown) {
    for (const { board } of opened.values()) await board.ledger.close()
    throw thrown
  }
}

function find(lanes: ReadonlyMap<string, FrontLane>, name: string): FrontLane {
  const lane = lanes.get(name)
  if (lane === undefined) throw new Fault('not_found', `There is no lane ${name}.`)
  return lane
}
