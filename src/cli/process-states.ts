import type { ProcessState } from '../contract/process.ts'
import type { Vitals, WorkerState } from '../contract/queue.ts'

/** What is known of the processes, and from whom. */
interface Sources {
  /** How the front itself fares. */
  readonly vitals: Vitals
  /** What the supervisor told last; empty without one. */
  readonly supervised: readonly ProcessState[]
  /** What workers say of themselves to the queue, also such as were started by hand. */
  readonly workers: readonly WorkerState[]
}

/** The processes of this gateway, the front first. */
export function processStates({ vitals, supervised, workers }: Sources): readonly ProcessState[] {
  const front = supervised.find(({ name }) => name === 'front') ?? byHand('front', process.pid, vitals)
  const others = supervised.filter(({ name }) => name !== 'front')
  const known = new Set(others.map(({ pid }) => pid))
  return [
    { ...front, pid: process.pid, vitals },
    ...others.map((state) =>
      asHeard(
        state,
        workers.find(({ pid }) => pid === state.pid),
      ),
    ),
    ...workers
      .filter(({ pid }) => !known.has(pid))
      .map((worker) => asHeard(byHand(worker.name, worker.pid, worker.vitals), worker)),
  ]
}

/** A process that the supervisor sees running may yet say nothing to the queue. */
const asHeard = (process: ProcessState, worker: WorkerState | undefined): ProcessState => ({
  ...process,
  state: process.state === 'running' && worker?.isSilent ? 'silent' : process.state,
  vitals: process.vitals ?? worker?.vitals ?? null,
})

const byHand = (name: string, pid: number, vitals: Vitals | null): ProcessState => ({
  name,
  pid,
  state: 'running',
  restarts: 0,
  lastEnd: null,
  vitals,
})
