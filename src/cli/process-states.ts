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
    ...others.map((state) => ({ ...state, vitals: state.vitals ?? vitalsOf(workers, state.pid) })),
    ...workers.filter(({ pid }) => !known.has(pid)).map((worker) => byHand(worker.name, worker.pid, worker.vitals)),
  ]
}

const byHand = (name: string, pid: number, vitals: Vitals | null): ProcessState => ({
  name,
  pid,
  state: 'running',
  restarts: 0,
  lastEnd: null,
  vitals,
})

const vitalsOf = (workers: readonly WorkerState[], pid: number | null): Vitals | null =>
  workers.find((worker) => worker.pid === pid)?.vitals ?? null
