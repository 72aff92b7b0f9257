import { Fault } from '../src/contract/fault.ts'
import type { Log } from '../src/contract/house.ts'
import type { Lane } from '../src/contract/lane.ts'
import type { Queue } from '../src/contract/queue.ts'
import type { QueueSettings } from './queue.settings.ts'

/** The queue of a front, which the composition root starts and stops. */
export interface OpenQueue extends Queue {
  /** Take over the leases of an earlier front, listen for workers, let jobs run. */
  start(): Promise<void>
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
  readonly nextId: () => number
  readonly log: Log
  /** A job of a lane changed; at most once a second and lane. */
  readonly onChange: (lane: string) => void
}

/** Open the ledgers of all lanes. Nothing runs before `start`. @throws TypeError for a ledger that is too new or cannot be used */
export async function openQueue({ lanes }: QueueOptions): Promise<OpenQueue> {
  const refuse = (): never => {
    throw new Fault('unavailable', 'No lane runs yet.')
  }
  const known = (name: string): void => {
    if (!lanes.some((lane) => lane.name === name)) throw new Fault('not_found', `There is no lane ${name}.`)
  }
  return {
    start: async () => {},
    stop: async () => {},
    run: async () => refuse(),
    add: async () => refuse(),
    handle: () => {},
    lanes: () => [],
    workers: () => [],
    jobs: async (lane) => (known(lane), []),
    job: async (lane) => (known(lane), undefined),
    retry: async () => refuse(),
    cancel: async () => refuse(),
    discard: async () => refuse(),
    pause: async () => refuse(),
    resume: async () => refuse(),
    limits: async () => [],
    setLimit: async () => refuse(),
  }
}
