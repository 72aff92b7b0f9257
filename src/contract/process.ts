import type { Vitals } from './queue.ts'

/** One process of the tree. */
export interface ProcessState {
  /** `supervisor`, `front`, `worker-1`, … */
  readonly name: string
  /** null while it does not run. */
  readonly pid: number | null
  /** `silent`: it is there, and does not answer. */
  readonly state: 'starting' | 'running' | 'silent' | 'stopping' | 'waiting' | 'failed'
  /** How often it was started again since the supervisor started. */
  readonly restarts: number
  /** Why it ended last, e.g. `signal SIGKILL`; null where it never did. */
  readonly lastEnd: string | null
  /** null where it has not said anything yet. */
  readonly vitals: Vitals | null
}
